package io.fundamentallm.spark;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Loss against time, round by round, as lines of comma-separated values. One thread at a time. */
final class RoundLog {
  private static final String FILE = "rounds.csv";
  private static final String HEADER = "round,step,tokens,seconds,loss";

  private final List<Line> lines = new ArrayList<>();

  /**
   * A round.
   *
   * @param round from 1
   * @param step steps of each worker up to its end
   * @param tokens that all workers trained on up to its end
   * @param seconds since the beginning, including the trainings that this one resumed
   * @param loss mean over workers and steps of the round, in nats per token
   */
  record Line(int round, int step, long tokens, double seconds, double loss) {
    @Override
    public String toString() {
      return round + "," + step + "," + tokens + "," + seconds + "," + loss;
    }

    static Line parse(String text) {
      String[] values = text.split(",", -1);
      if (values.length != 5) {
        throw new NumberFormatException(values.length + " values, expected 5");
      }
      return new Line(
          Integer.parseInt(values[0]),
          Integer.parseInt(values[1]),
          Long.parseLong(values[2]),
          Double.parseDouble(values[3]),
          Double.parseDouble(values[4]));
    }
  }

  /**
   * Reads the file of a directory.
   *
   * @throws IOException if it cannot be read, or a line is malformed; names file and line
   */
  static RoundLog read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    RoundLog log = new RoundLog();
    List<String> texts = Files.readAllLines(file);
    for (int i = 1; i < texts.size(); i++) {
      try {
        log.lines.add(Line.parse(texts.get(i)));
      } catch (NumberFormatException e) {
        throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return log;
  }

  /** Replaces the file of a directory. */
  void write(Path directory) throws IOException {
    String text =
        Stream.concat(Stream.of(HEADER), lines.stream().map(Line::toString))
            .collect(Collectors.joining("\n", "", "\n"));
    AtomicFile.write(directory.resolve(FILE), StandardCharsets.UTF_8.encode(text));
  }

  void add(Line line) {
    lines.add(line);
  }

  /** How many rounds there were. */
  int rounds() {
    return lines.size();
  }

  /** The last round; zeros before the first. */
  Line last() {
    return lines.isEmpty() ? new Line(0, 0, 0, 0, Double.NaN) : lines.get(lines.size() - 1);
  }
}
