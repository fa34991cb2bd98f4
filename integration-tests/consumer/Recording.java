import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws what a program prints as a terminal in which each line appears when it came: a picture for
 * a page. It is an SVG; who shows no animation shows all lines.
 *
 * <p>{@code program | java Recording.java COMMAND FILE.svg}, with the command as it is to be read.
 */
final class Recording {
  private static final int COLUMNS = 104;
  private static final double CHARACTER = 7.8;
  private static final int LINE = 18;
  private static final int EDGE = 14;

  /** A line, and how many seconds after the start it came. */
  private record Line(String text, double seconds) {}

  private Recording() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("expected: program | java Recording.java COMMAND FILE.svg");
    }
    List<Line> lines = new ArrayList<>(List.of(new Line("$ " + args[0], 0)));
    long start = System.nanoTime();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(line);
        double seconds = (System.nanoTime() - start) * 1e-9;
        do {
          int length = Math.min(COLUMNS, line.length());
          lines.add(new Line(line.substring(0, length), seconds));
          line = line.substring(length);
        } while (!line.isEmpty());
      }
    }
    Files.writeString(Path.of(args[1]), svg(lines));
  }

  private static String svg(List<Line> lines) {
    int width = (int) Math.round(2 * EDGE + COLUMNS * CHARACTER);
    int height = 2 * EDGE + lines.size() * LINE;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %1$d %2$d">
        <style>
        text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #d6dde6; white-space: pre; }
        .command { fill: #8fd18f; }
        .line { animation: appear 0.2s both; }
        @keyframes appear { from { opacity: 0; } }
        </style>
        <rect width="100%%" height="100%%" rx="8" fill="#1d232b"/>
        """
            .formatted(width, height));
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"%s\" style=\"animation-delay: %.1fs\" x=\"%d\" y=\"%d\">%s</text>%n",
              i == 0 ? "command" : "line",
              line.seconds(),
              EDGE,
              EDGE + i * LINE + 13,
              escaped(line.text())));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
