package io.fundamentallm.contract;

import io.fundamentallm.text.OffsetUnit;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts a text's characters the slow and plain way.
 *
 * @param marks for each border between code points, from its byte to its offset in a unit
 */
record OffsetRuler(TreeMap<Integer, Integer> marks) {
  static OffsetRuler of(String text, OffsetUnit unit) {
    TreeMap<Integer, Integer> marks = new TreeMap<>(Map.of(0, 0));
    for (int at = 0; at < text.length(); ) {
      at = text.offsetByCodePoints(at, 1);
      String before = text.substring(0, at);
      marks.put(length(before, OffsetUnit.BYTES), length(before, unit));
    }
    return new OffsetRuler(marks);
  }

  static int length(String text, OffsetUnit unit) {
    return switch (unit) {
      case BYTES -> wellFormed(text).getBytes(StandardCharsets.UTF_8).length;
      case UTF16 -> text.length();
      case CODE_POINTS -> text.codePointCount(0, text.length());
    };
  }

  private static String wellFormed(String text) {
    StringBuilder all = new StringBuilder();
    text.codePoints().forEach(c -> all.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    return all.toString();
  }

  /** Where the character begins in which a byte stands. */
  int floor(int atByte) {
    return marks.floorEntry(atByte).getValue();
  }

  /** Where the character ends that stands before a byte. */
  int ceiling(int atByte) {
    return marks.ceilingEntry(atByte).getValue();
  }
}
