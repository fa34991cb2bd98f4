package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Markers as bytes: what a vocabulary has as a special token is one byte that UTF-8 does not have,
 * the rest is text. Immutable.
 */
final class MarkerBytes {
  /** The bytes that no UTF-8 text has. */
  static final List<Integer> FREE =
      List.of(0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8, 0xF7, 0xF6, 0xF5, 0xC1, 0xC0);

  private static final ByteSet WHITE =
      ByteSet.of(' ').or(ByteSet.of('\n')).or(ByteSet.of('\r')).or(ByteSet.of('\t'));

  /** White space in a marker's place. */
  private static final int SPACES = 2;

  private final Map<String, Integer> special;

  private MarkerBytes(Map<String, Integer> special) {
    this.special = special;
  }

  /**
   * With a byte for each special token.
   *
   * @param forms the written forms of those that markers have
   */
  static MarkerBytes of(List<String> forms) {
    if (forms.size() > FREE.size()) {
      throw new IllegalArgumentException(
          "a notation with " + forms.size() + " special tokens; at most " + FREE.size());
    }
    Map<String, Integer> special = new LinkedHashMap<>();
    forms.forEach(form -> special.put(form, FREE.get(special.size())));
    return new MarkerBytes(special);
  }

  /** White space of at most so many characters. */
  static Expression white(int max) {
    return Expression.repeat(new Expression.Bytes(WHITE), 0, max);
  }

  /** The byte of each special token, by its written form. */
  Map<String, Integer> special() {
    return special;
  }

  /** Whether a marker has no special token. */
  boolean isText(String marker) {
    return parts(marker).stream().noneMatch(special::containsKey);
  }

  /** A marker as bytes, its white space as written. */
  byte[] bytes(String marker) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts(marker)
        .forEach(
            part -> {
              Integer value = special.get(part);
              out.writeBytes(
                  value == null
                      ? part.getBytes(StandardCharsets.UTF_8)
                      : new byte[] {value.byteValue()});
            });
    return out.toByteArray();
  }

  /** A marker, its white space as written. */
  Expression exact(String marker) {
    List<Expression> parts = new ArrayList<>();
    for (byte value : bytes(marker)) {
      parts.add(new Expression.Bytes(ByteSet.of(value & 0xFF)));
    }
    return new Expression.Sequence(parts);
  }

  /** A literal part of a call: its white space may be left out, or be other white space. */
  Expression literal(String text) {
    List<Expression> parts = new ArrayList<>();
    for (String part : parts(text)) {
      Integer value = special.get(part);
      if (value != null) {
        parts.add(new Expression.Bytes(ByteSet.of(value)));
      } else if (!part.isBlank()) {
        parts.add(Expression.text(part));
      } else if (parts.isEmpty() || !(parts.get(parts.size() - 1) instanceof Expression.Repeat)) {
        parts.add(white(SPACES));
      }
    }
    return new Expression.Sequence(parts);
  }

  /** Special tokens, and the characters between them one by one. */
  private List<String> parts(String text) {
    Marker marker = Marker.of(text, special::containsKey);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int end = i + 1;
      while (end < text.length() && marker.kinds().charAt(end) == Marker.SPECIAL) {
        end++;
      }
      parts.add(text.substring(i, end));
      i = end;
    }
    return parts;
  }
}
