package io.fundamentallm.concepts;

import java.util.Locale;

/**
 * A drawing that is readable on a light and on a dark page: it brings its own ground, and colours
 * for both. What is drawn has a class, and the style sheet below says what the class looks like.
 * One thread at a time.
 */
final class Svg {
  private static final String STYLE =
      """
      svg{--ground:#fff;--ink:#1f2328;--faint:#59636e;--rule:#d1d9e0;--a:#0969da;--b:#bc4c00;--c:#8250df}
      @media(prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#e6edf3;--faint:#9198a1;--rule:#3d444d;\
      --a:#58a6ff;--b:#f0883e;--c:#bc8cff}}
      text{font:12px system-ui,sans-serif;fill:var(--ink)}
      .mono{font-family:ui-monospace,monospace}
      .small{font-size:11px;fill:var(--faint)}
      .head{font-weight:600}
      .mid{text-anchor:middle}.end{text-anchor:end}
      .ground{fill:var(--ground)}
      .rule{stroke:var(--rule);fill:none}
      .outline{stroke:var(--ink);fill:none}
      .dash{stroke:var(--faint);stroke-dasharray:4 3;fill:none}
      .a{fill:var(--a)}.b{fill:var(--b)}.c{fill:var(--c)}
      .la,.lb,.lc{fill:none;stroke-width:2}.la{stroke:var(--a)}.lb{stroke:var(--b)}.lc{stroke:var(--c)}
      .thin{stroke-width:1;stroke-opacity:.6}
      """;

  private final StringBuilder content = new StringBuilder();

  /**
   * An empty drawing.
   *
   * @param width in pixels
   * @param height in pixels
   * @param title what a reader hears who cannot see it
   */
  Svg(int width, int height, String title) {
    content
        .append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
        .append(width)
        .append("\" height=\"")
        .append(height)
        .append("\" viewBox=\"0 0 ")
        .append(width)
        .append(' ')
        .append(height)
        .append("\" role=\"img\">\n<title>")
        .append(escaped(title))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n");
    rect("ground", 0, 0, width, height);
  }

  /** A rectangle. */
  void rect(String look, double x, double y, double width, double height) {
    content
        .append("<rect class=\"")
        .append(look)
        .append("\" x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\" width=\"")
        .append(number(width))
        .append("\" height=\"")
        .append(number(height))
        .append("\"/>\n");
  }

  /** Squares of one opacity, in one path. */
  void squares(String look, double opacity, double side, double[][] corners) {
    content
        .append("<path class=\"")
        .append(look)
        .append("\" fill-opacity=\"")
        .append(number(opacity))
        .append("\" d=\"");
    for (double[] corner : corners) {
      content
          .append('M')
          .append(number(corner[0]))
          .append(' ')
          .append(number(corner[1]))
          .append('h')
          .append(number(side))
          .append('v')
          .append(number(side))
          .append('h')
          .append(number(-side))
          .append('z');
    }
    content.append("\"/>\n");
  }

  /** A line through points. */
  void line(String look, double[]... points) {
    content.append("<polyline class=\"").append(look).append("\" points=\"");
    for (int i = 0; i < points.length; i++) {
      content
          .append(i == 0 ? "" : " ")
          .append(number(points[i][0]))
          .append(',')
          .append(number(points[i][1]));
    }
    content.append("\"/>\n");
  }

  /** A word or two; y is that of the base line. */
  void text(String look, double x, double y, String text) {
    content
        .append("<text class=\"")
        .append(look)
        .append("\" x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\">")
        .append(escaped(text))
        .append("</text>\n");
  }

  /** The finished file. */
  @Override
  public String toString() {
    return content + "</svg>\n";
  }

  /** A tenth of a pixel is enough; whole numbers are written as such. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
