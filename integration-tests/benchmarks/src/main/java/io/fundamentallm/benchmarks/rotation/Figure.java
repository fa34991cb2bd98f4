package io.fundamentallm.benchmarks.rotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * One measured figure. A comparison prints what it measures for a reader, and {@linkplain #add
 * adds} it for the suite of all comparisons, which runs each in a process of its own.
 *
 * @param subject what was done, such as {@code "S int4 decode"}
 * @param contestant who did it
 * @param value in the unit of the comparison
 */
public record Figure(String subject, String contestant, double value) {
  /** The property that names the file for figures; without it they are not kept. */
  public static final String FILE = "benchmarks.figures";

  /**
   * A contestant that nobody beats: what the machine would allow, by a measurement of the same run
   * of how fast it reads memory, or {@linkplain Arithmetic multiplies and adds} 32-bit floats.
   * Products of numbers of 8 or 16 bits may beat the latter.
   */
  public static final String LIMIT = "limit";

  /** Keeps a figure if it is the suite that runs this process. */
  public static void add(String subject, String contestant, double value) {
    String file = System.getProperty(FILE);
    if (file == null) {
      return;
    }
    String line = subject + "\t" + contestant + "\t" + value + "\n";
    try {
      Files.writeString(Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The figures of a file, in the order in which they were added. */
  public static List<Figure> read(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.split("\t", -1))
        .map(cells -> new Figure(cells[0], cells[1], Double.parseDouble(cells[2])))
        .toList();
  }
}
