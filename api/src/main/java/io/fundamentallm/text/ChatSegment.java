package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * A stretch of a rendered conversation.
 *
 * @param text its characters
 * @param fromMessage whether they come from a message, so that look-alikes of special tokens in
 *     them are plain text; false for what the template wrote
 * @param generated whether the assistant writes it, in a conversation to learn from; see {@link
 *     ChatTemplate#examples}
 */
public record ChatSegment(String text, boolean fromMessage, boolean generated) {
  /** Checks that the text is not null. */
  public ChatSegment {
    requireNonNull(text, "text");
  }

  /** A stretch of a conversation to be answered: nothing in it is to be learned. */
  public ChatSegment(String text, boolean fromMessage) {
    this(text, fromMessage, false);
  }
}
