package io.fundamentallm.training;

/** Text within Markdown. */
final class Markdown {
  private static final String MARKUP = "\\`*_{}[]<>|~&";

  /** Markup only where a line begins with it. */
  private static final String AT_BEGINNING = "#+-=";

  private Markdown() {}

  /** A text that a renderer shows as it is, on one line, also in a table. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (MARKUP.indexOf(c) >= 0 || (i == 0 && AT_BEGINNING.indexOf(c) >= 0)) {
        escaped.append('\\');
      }
      escaped.append(Character.isISOControl(c) ? ' ' : c);
    }
    return escaped.toString();
  }

  /** A text as a block of code, whatever it holds. */
  static String block(String text) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < text.length(); i++) {
      run = text.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    String fence = "`".repeat(Math.max(3, longest + 1));
    return fence + "text\n" + text.strip() + "\n" + fence + "\n";
  }
}
