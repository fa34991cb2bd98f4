package io.fundamentallm.tokenizers.chat;

import static java.util.Objects.requireNonNull;

/**
 * A stretch of a rendered conversation.
 *
 * @param text its characters, never empty
 * @param fromMessage whether they were said in a message, so that look-alikes of special tokens in
 *     them are plain text; false for what the template wrote
 */
public record Segment(String text, boolean fromMessage) {
  /** Checks that the text is not null. */
  public Segment {
    requireNonNull(text, "text");
  }
}
