package io.fundamentallm.commandline;

/** Colours of ANSI's 256, from green over yellow to red, for how surprising a token was. */
final class SurprisalColour {
  static final String LEGEND = "green for what was expected, red for 8 bits and more";

  /** One for each bit: a path along the edges of the palette's 6 by 6 by 6 cube. */
  private static final int[] COLOURS = {46, 82, 118, 154, 190, 226, 220, 208, 196};

  private SurprisalColour() {}

  /** The text in its colour; unchanged if the decoder gives no probability. */
  static String paint(String text, double bits) {
    if (text.isEmpty() || Double.isNaN(bits)) {
      return text;
    }
    int colour = COLOURS[(int) Math.max(0, Math.min(bits, COLOURS.length - 1))];
    return "\u001b[38;5;" + colour + "m" + text + "\u001b[0m";
  }
}
