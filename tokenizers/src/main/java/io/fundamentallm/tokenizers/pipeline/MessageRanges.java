package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Which bytes of a laid-out conversation came from messages: no control token is found that
 * overlaps them. Immutable and thread-safe.
 */
final class MessageRanges {
  private final String text;

  /** Starts and ends in turn, in UTF-8 bytes; ascending, with template text between them. */
  private final int[] borders;

  private MessageRanges(String text, int[] borders) {
    this.text = text;
    this.borders = borders;
  }

  static MessageRanges of(List<ChatSegment> segments) {
    StringBuilder text = new StringBuilder();
    int[] borders = new int[segments.size() + 1];
    int count = 0;
    for (ChatSegment segment : segments) {
      boolean within = (count & 1) == 1;
      if (segment.fromMessage() != within && !segment.text().isEmpty()) {
        borders[count++] = text.length();
      }
      text.append(segment.text());
    }
    if ((count & 1) == 1) {
      borders[count++] = text.length();
    }
    toBytes(text, borders, count);
    return new MessageRanges(text.toString(), Arrays.copyOf(borders, count));
  }

  /** A character that is half from a message counts as said. */
  private static void toBytes(CharSequence text, int[] borders, int count) {
    int next = 0;
    int bytes = 0;
    for (int at = 0; next < count; ) {
      int c = at < text.length() ? Character.codePointAt(text, at) : 0;
      int end = at + Character.charCount(c);
      int size = TextBuffer.size(c); // a lone surrogate counts as U+FFFD
      for (; next < count && borders[next] < end; next++) {
        boolean split = borders[next] > at && (next & 1) == 1;
        borders[next] = split ? bytes + size : bytes;
      }
      at = end;
      bytes += size;
    }
  }

  /** The conversation as one text. */
  String text() {
    return text;
  }

  /**
   * Whether any part of a range of a text came from a message. What a normalizer removed between
   * two characters counts as still there.
   *
   * @param text the conversation, or its normalized form with sources
   */
  boolean touches(TextBuffer text, int start, int end) {
    if (!text.tracked()) {
      return touches(start, end);
    }
    int from = Integer.MAX_VALUE;
    int to = 0;
    for (int i = start; i < end; i++) { // a normalizer may have reordered marks
      from = Math.min(from, text.sourceStart(i));
      to = Math.max(to, text.sourceEnd(i));
    }
    return touches(from, to);
  }

  /** Whether any part of a range of bytes came from a message. */
  boolean touches(int start, int end) {
    int at = Arrays.binarySearch(borders, start);
    // at a border exactly at the start, what begins there decides
    int after = at >= 0 ? at + 1 : -at - 1;
    return start < end && ((after & 1) == 1 || (after < borders.length && borders[after] < end));
  }
}
