package io.fundamentallm.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Bars in SVG, a group for each subject, as long as the value is beside the greatest of the group:
 * the subjects of a comparison lie too far apart for one axis. Text is text, so that a chart has
 * few bytes, and its colours follow the reader's light or dark.
 */
final class BarChart {
  private static final int WIDTH = 720;
  private static final int LEFT = 250;
  private static final int LONGEST = 360;
  private static final int BAR = 14;
  private static final int GAP = 12;
  private static final int TOP = 64;
  private static final int CHARACTERS = 34;

  /** Okabe and Ito 2008: told apart by all readers, on light and on dark. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00");

  private static final String STYLE =
      """
      <style>
      text{font:12px system-ui,sans-serif;fill:#1f2328}
      .title{font-size:15px;font-weight:600}
      .value{font-variant-numeric:tabular-nums}
      @media(prefers-color-scheme:dark){text{fill:#e6edf3}}
      </style>
      """;

  private BarChart() {}

  static String svg(Table table) {
    List<String> contestants = table.contestants();
    StringBuilder bars = new StringBuilder();
    int y = TOP;
    for (String subject : table.subjects()) {
      int top = y;
      double greatest =
          contestants.stream()
              .flatMapToDouble(contestant -> table.value(subject, contestant).stream())
              .max()
              .orElseThrow();
      for (int i = 0; i < contestants.size(); i++) {
        OptionalDouble value = table.value(subject, contestants.get(i));
        if (value.isPresent()) {
          bar(bars, y, value.getAsDouble(), greatest, i);
          y += BAR + 2;
        }
      }
      bars.append(text(LEFT - 10, (top + y) / 2 + 3, "text-anchor=\"end\"", shortened(subject)));
      y += GAP;
    }
    Comparison comparison = table.comparison();
    String heading =
        comparison.title()
            + ", "
            + comparison.unit()
            + (comparison.more() ? " (more is better)" : " (less is better)");
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%1$d\""
                + " role=\"img\" aria-label=\"%s\">%n",
            WIDTH,
            y,
            escaped(heading))
        + STYLE
        + text(10, 20, "class=\"title\"", heading)
        + legend(contestants)
        + bars
        + "</svg>\n";
  }

  private static void bar(StringBuilder bars, int y, double value, double greatest, int colour) {
    double length = LONGEST * value / greatest;
    bars.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
            LEFT,
            y,
            length,
            BAR,
            COLOURS.get(colour % COLOURS.size())));
    int end = (int) (LEFT + length + 6);
    bars.append(text(end, y + BAR - 3, "class=\"value\"", Table.digits(value)));
  }

  private static String legend(List<String> contestants) {
    StringBuilder legend = new StringBuilder();
    int x = 10;
    for (int i = 0; i < contestants.size(); i++) {
      legend.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"34\" width=\"12\" height=\"12\" fill=\"%s\"/>%n",
              x,
              COLOURS.get(i % COLOURS.size())));
      legend.append(text(x + 18, 45, "", contestants.get(i)));
      x += 18 + 8 * contestants.get(i).length() + 16;
    }
    return legend.toString();
  }

  private static String text(int x, int y, String attributes, String text) {
    return String.format(
        Locale.ROOT, "<text x=\"%d\" y=\"%d\" %s>%s</text>%n", x, y, attributes, escaped(text));
  }

  private static String shortened(String text) {
    return text.length() <= CHARACTERS ? text : text.substring(0, CHARACTERS - 1) + "…";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
