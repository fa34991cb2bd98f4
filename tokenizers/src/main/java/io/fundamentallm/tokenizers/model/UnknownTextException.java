package io.fundamentallm.tokenizers.model;

import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.TextOffsets;
import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * A text has something that no token stands for, and the vocabulary has no unknown token either.
 */
public final class UnknownTextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int start;
  private final int end;
  private final String advice;

  /** Bytes {@code [start, end)} of the text that a model was given. */
  public UnknownTextException(int start, int end) {
    this(start, end, "");
  }

  /**
   * With advice.
   *
   * @param advice ends the message
   */
  public UnknownTextException(int start, int end, String advice) {
    this("no token for the bytes from " + start + " to " + end + advice, start, end, advice);
  }

  private UnknownTextException(String message, int start, int end, String advice) {
    super(message);
    this.start = start;
    this.end = end;
    this.advice = advice;
  }

  /** The same with the bytes of the original text from which those of a buffer came. */
  public UnknownTextException from(TextBuffer text) {
    return new UnknownTextException(text.sourceStart(start), text.sourceEnd(end - 1), advice);
  }

  /** The same for callers that see the original text, whose bytes these are. */
  public UnknownTextException in(String text) {
    TextOffsets offsets = TextOffsets.of(text, OffsetUnit.UTF16);
    int index = offsets.at(start);
    String unknown = text.substring(index, offsets.endAt(end));
    return new UnknownTextException(
        "no token for "
            + (unknown.codePointCount(0, unknown.length()) == 1 ? name(unknown) : quoted(unknown))
            + " at index "
            + index
            + " of the text, and the vocabulary has no unknown token"
            + advice,
        start,
        end,
        advice);
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String name(String character) {
    int c = character.codePointAt(0);
    String name = String.format("U+%04X", c);
    if (character.length() == 1 && Character.isSurrogate(character.charAt(0))) {
      return "the lone surrogate " + name + ", read as U+FFFD,";
    }
    return Character.isLetterOrDigit(c) ? name + " (" + character + ")" : name;
  }
}
