package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * A stretch of a rendered conversation.
 *
 * @param text its characters
 * @param fromMessage whether they come from a message, so that look-alikes of special tokens in
 *     them are plain text; false for what the template wrote
 */
public record ChatSegment(String text, boolean fromMessage) {
  /** Checks that the text is not null. */
  public ChatSegment {
    requireNonNull(text, "text");
  }
}
