package io.fundamentallm.samplers.constraint.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** What a rule of a {@link Grammar} describes: a set of byte strings. Immutable. */
public sealed interface Expression {
  /** A {@link Repeat} with this maximum has no limit. */
  int UNLIMITED = Integer.MAX_VALUE;

  /** The empty text. */
  Expression EMPTY = new Sequence(List.of());

  /** No text at all, without a reason. */
  Expression NEVER = new Never("");

  /**
   * One byte.
   *
   * @param set not empty
   */
  record Bytes(ByteSet set) implements Expression {}

  /**
   * One part after the other.
   *
   * @param parts in their order
   */
  record Sequence(List<Expression> parts) implements Expression {}

  /**
   * Any of the parts.
   *
   * @param parts in any order
   */
  record Alternatives(List<Expression> parts) implements Expression {}

  /**
   * The same again and again.
   *
   * @param body what is repeated
   * @param min at least 0
   * @param max at least min, or {@link #UNLIMITED}
   */
  record Repeat(Expression body, int min, int max) implements Expression {}

  /**
   * What another rule describes.
   *
   * @param name of the grammar's rule
   */
  record Rule(String name) implements Expression {}

  /**
   * No text at all.
   *
   * @param reason with the place in the notation; empty for none
   */
  record Never(String reason) implements Expression {}

  static Expression sequence(Expression... parts) {
    return new Sequence(List.of(parts));
  }

  static Expression anyOf(Expression... parts) {
    return new Alternatives(List.of(parts));
  }

  static Expression anyOf(List<Expression> parts) {
    return parts.size() == 1 ? parts.get(0) : new Alternatives(List.copyOf(parts));
  }

  static Expression optional(Expression body) {
    return new Repeat(body, 0, 1);
  }

  static Expression repeat(Expression body, int min, int max) {
    return min == 1 && max == 1 ? body : new Repeat(body, min, max);
  }

  static Expression many(Expression body) {
    return new Repeat(body, 0, UNLIMITED);
  }

  /** The expressions directly within one; a rule's name is not what it stands for. */
  static List<Expression> within(Expression expression) {
    if (expression instanceof Sequence sequence) {
      return sequence.parts();
    } else if (expression instanceof Alternatives any) {
      return any.parts();
    }
    return expression instanceof Repeat repeat ? List.of(repeat.body()) : List.of();
  }

  /**
   * How many expressions are in one, itself included; one that appears twice counts twice.
   *
   * @param limit where counting may stop
   */
  static long size(Expression expression, long limit) {
    Interruption.check();
    long size = 1;
    for (Expression inner : within(expression)) {
      if (size > limit) {
        return size;
      }
      size += size(inner, limit - size);
    }
    return size;
  }

  static Expression text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return bytes(utf8, 0, utf8.length);
  }

  private static Expression bytes(byte[] bytes, int from, int to) {
    List<Expression> parts =
        IntStream.range(from, to)
            .<Expression>mapToObj(i -> new Bytes(ByteSet.of(bytes[i] & 0xFF)))
            .toList();
    return parts.size() == 1 ? parts.get(0) : new Sequence(parts);
  }

  /** Any of these texts, common beginnings read once: the choice is made byte by byte. */
  static Expression words(Collection<String> words) {
    return words(
        words.stream()
            .map(word -> word.getBytes(StandardCharsets.UTF_8))
            .sorted(Arrays::compareUnsigned)
            .toList(),
        0,
        0);
  }

  private static Expression words(List<byte[]> sorted, int from, int depth) {
    if (depth > Limits.NESTING) {
      throw Limits.exceeded("texts that begin alike", Limits.NESTING, "times within each other");
    }
    Interruption.check();
    byte[] first = sorted.get(0);
    byte[] last = sorted.get(sorted.size() - 1);
    int common = java.util.Arrays.mismatch(first, last);
    if (common < 0) {
      return bytes(first, from, first.length);
    }
    List<Expression> branches = new ArrayList<>();
    int begin = 0;
    while (begin < sorted.size()) {
      byte[] word = sorted.get(begin);
      int end = begin + 1;
      if (word.length == common) {
        while (end < sorted.size() && sorted.get(end).length == common) {
          end++;
        }
        branches.add(EMPTY);
      } else {
        while (end < sorted.size() && sorted.get(end)[common] == word[common]) {
          end++;
        }
        branches.add(words(sorted.subList(begin, end), common, depth + 1));
      }
      begin = end;
    }
    return sequence(bytes(first, from, common), anyOf(branches));
  }
}
