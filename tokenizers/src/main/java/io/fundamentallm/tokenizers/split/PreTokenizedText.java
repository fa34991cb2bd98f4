package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * A normalized text and the pieces it has been cut into so far; at first one piece, the whole.
 * Reused; one thread at a time.
 */
public final class PreTokenizedText {
  private TextBuffer text = new TextBuffer();
  private TextBuffer spareText = new TextBuffer();
  private Pieces pieces = new Pieces();
  private Pieces sparePieces = new Pieces();
  private boolean first;

  /**
   * Begins with everything that is now in {@link #text()}.
   *
   * @param first whether none of the original text is before it
   */
  public void begin(boolean first) {
    this.first = first;
    pieces.clear();
    pieces.add(0, text.length());
  }

  /** Whether the text's first byte is the first of the original text. */
  public boolean first() {
    return first;
  }

  /** Cuts a piece of a text. */
  interface Cutter {
    void cut(byte[] text, int start, int end, Pieces out);
  }

  /** Replaces each piece with what a cutter makes of it. */
  void cut(Cutter cutter) {
    Pieces before = pieces;
    Pieces out = sparePieces();
    for (int i = 0; i < before.count(); i++) {
      cutter.cut(text.bytes(), before.start(i), before.end(i), out);
    }
    swapPieces();
  }

  /** The text. */
  public TextBuffer text() {
    return text;
  }

  /** Its pieces. */
  public Pieces pieces() {
    return pieces;
  }

  /**
   * A text to write instead of the present one, empty at first; see {@link #swapText}. All that are
   * written one after the other have one limit together.
   */
  public TextBuffer spareText() {
    spareText.clear(text.tracked());
    spareText.limitGrowth(text);
    return spareText;
  }

  /** The spare text replaces the text. Pieces must then be replaced as well. */
  public void swapText() {
    TextBuffer other = text;
    text = spareText;
    spareText = other;
  }

  /** Pieces to write instead of the present ones, none at first; see {@link #swapPieces}. */
  public Pieces sparePieces() {
    sparePieces.clear();
    return sparePieces;
  }

  /** The spare pieces replace the pieces. */
  public void swapPieces() {
    Pieces other = pieces;
    pieces = sparePieces;
    sparePieces = other;
  }
}
