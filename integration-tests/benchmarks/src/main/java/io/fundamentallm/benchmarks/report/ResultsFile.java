package io.fundamentallm.benchmarks.report;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code RESULTS.md}, in which people and the suite write: the sections between the suite's marks
 * are its own, everything else stays as it is.
 */
final class ResultsFile {
  private static final String HEADING =
      """

      ## All comparisons, by one command

      Written by `mvn -Pbenchmarks`; each section is of one family of processors, and has the machine, the command and the figures of the last time that it ran on one of these.
      """;

  private final Path file;

  ResultsFile(Path file) {
    this.file = file;
  }

  /** Puts a section in the place of the last one of that name, or at the end. */
  void put(String name, String section) throws IOException {
    String begin = "<!-- begin " + name + " -->\n";
    String end = "<!-- end " + name + " -->\n";
    String text = Files.exists(file) ? Files.readString(file) : "# Results\n";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if ((from < 0) != (to < 0) || to < from) {
      throw new IOException(file + " has only one of the marks " + begin.strip() + end.strip());
    }
    String marked = begin + section + end;
    if (from >= 0) {
      text = text.substring(0, from) + marked + text.substring(to + end.length());
    } else {
      text = text + (text.contains(HEADING) ? "\n" : HEADING + "\n") + marked;
    }
    // people's own words are in it, too: they must not be lost
    AtomicFile.write(file, StandardCharsets.UTF_8.encode(text));
  }
}
