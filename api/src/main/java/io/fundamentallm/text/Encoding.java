package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.EncodingOptions.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text as tokens, with everything else that was asked for. All arrays have one entry for each
 * token; they are not copied, so do not write into them.
 *
 * @param ids token ids
 * @param typeIds 0 for a first text and 1 for a second, if the model distinguishes them
 * @param specialTokensMask 1 for padding and tokens that were added around the text, else 0
 * @param attentionMask 0 for padding, else 1
 * @param starts where in its text each token starts; null if offsets were not asked for
 * @param ends where in its text each token ends, after its last unit; null likewise
 * @param overflowing what was cut off, in windows
 */
public record Encoding(
    int[] ids,
    int[] typeIds,
    int[] specialTokensMask,
    int[] attentionMask,
    int @Nullable [] starts,
    int @Nullable [] ends,
    List<Encoding> overflowing) {
  private static final int[] EMPTY = {};

  /** Checks the lengths. */
  public Encoding {
    requireNonNull(overflowing, "overflowing");
    int n = ids.length;
    if (typeIds.length != n
        || specialTokensMask.length != n
        || attentionMask.length != n
        || (starts != null && starts.length != n)
        || (ends != null && ends.length != n)) {
      throw new IllegalArgumentException("the arrays of an encoding differ in length");
    }
    overflowing = List.copyOf(overflowing);
  }

  /** The tokens of a text, without added ones. */
  public static Encoding of(int[] ids, int @Nullable [] starts, int @Nullable [] ends) {
    int[] ones = new int[ids.length];
    Arrays.fill(ones, 1);
    return new Encoding(
        ids, new int[ids.length], new int[ids.length], ones, starts, ends, List.of());
  }

  /** One added token, without text. */
  public static Encoding added(int id, int typeId, boolean offsets) {
    int[] zero = {0};
    return new Encoding(
        new int[] {id},
        new int[] {typeId},
        new int[] {1},
        new int[] {1},
        offsets ? zero : null,
        offsets ? zero : null,
        List.of());
  }

  /** How many tokens there are. */
  public int length() {
    return ids.length;
  }

  /** With one type id for all tokens. */
  public Encoding withTypeId(int typeId) {
    int[] types = new int[ids.length];
    Arrays.fill(types, typeId);
    List<Encoding> rest = overflowing.stream().map(e -> e.withTypeId(typeId)).toList();
    return new Encoding(ids, types, specialTokensMask, attentionMask, starts, ends, rest);
  }

  /** With different windows of what was cut off. */
  public Encoding withOverflowing(List<Encoding> windows) {
    return new Encoding(ids, typeIds, specialTokensMask, attentionMask, starts, ends, windows);
  }

  /**
   * Truncated to a length; the rest is in {@link #overflowing()}, in windows of this length that
   * each repeat some tokens of the previous one. Like Hugging Face's Encoding.truncate.
   *
   * @param maxLength the most tokens to keep
   * @param stride how many tokens windows share; less than maxLength
   * @param side where tokens are cut off
   */
  public Encoding truncated(int maxLength, int stride, Side side) {
    if (ids.length <= maxLength) {
      return this;
    }
    if (maxLength == 0) {
      return new Encoding(
          EMPTY,
          EMPTY,
          EMPTY,
          EMPTY,
          starts == null ? null : EMPTY,
          ends == null ? null : EMPTY,
          List.of(this));
    }
    if (stride >= maxLength) {
      throw new IllegalArgumentException(
          "a stride of " + stride + " must be less than the " + maxLength + " tokens of a window");
    }
    List<Encoding> parts = new ArrayList<>();
    int step = maxLength - stride;
    if (side == Side.RIGHT) {
      for (int from = 0; ; from += step) {
        int to = Math.min(from + maxLength, ids.length);
        parts.add(part(from, to));
        if (to == ids.length) {
          break;
        }
      }
    } else {
      for (int to = ids.length; ; to -= step) {
        int from = Math.max(to - maxLength, 0);
        parts.add(part(from, to));
        if (from == 0) {
          break;
        }
      }
    }
    Encoding first = parts.remove(0);
    return new Encoding(
        first.ids,
        first.typeIds,
        first.specialTokensMask,
        first.attentionMask,
        first.starts,
        first.ends,
        parts);
  }

  private Encoding part(int from, int to) {
    return new Encoding(
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(typeIds, from, to),
        Arrays.copyOfRange(specialTokensMask, from, to),
        Arrays.copyOfRange(attentionMask, from, to),
        starts == null ? null : Arrays.copyOfRange(starts, from, to),
        ends == null ? null : Arrays.copyOfRange(ends, from, to),
        List.of());
  }

  /** Padded to a length, including what overflows; longer ones stay as they are. */
  public Encoding padded(int length, EncodingOptions.Padding padding) {
    List<Encoding> rest = overflowing.stream().map(e -> e.padded(length, padding)).toList();
    int more = length - ids.length;
    if (more <= 0) {
      return rest.isEmpty()
          ? this
          : new Encoding(ids, typeIds, specialTokensMask, attentionMask, starts, ends, rest);
    }
    int at = padding.side() == Side.LEFT ? more : 0;
    return new Encoding(
        widened(ids, at, length, padding.id()),
        widened(typeIds, at, length, padding.typeId()),
        widened(specialTokensMask, at, length, 1),
        widened(attentionMask, at, length, 0),
        starts == null ? null : widened(starts, at, length, 0),
        ends == null ? null : widened(ends, at, length, 0),
        rest);
  }

  /**
   * Padded to one length, rounded up as the padding says: the padding's length, or if it has none,
   * that of the longest of these.
   */
  public static List<Encoding> paddedToLongest(
      List<Encoding> encodings, EncodingOptions.Padding padding) {
    int length = padding.length();
    if (length == 0) {
      length = encodings.stream().mapToInt(Encoding::length).max().orElse(0);
    }
    int over = length % padding.multipleOf();
    int to = over == 0 ? length : Math.addExact(length, padding.multipleOf() - over);
    return encodings.stream().map(encoding -> encoding.padded(to, padding)).toList();
  }

  private static int[] widened(int[] values, int at, int length, int fill) {
    int[] wide = new int[length];
    Arrays.fill(wide, fill);
    System.arraycopy(values, 0, wide, at, values.length);
    return wide;
  }

  /** Several encodings joined in order; what overflows is left out. */
  public static Encoding joined(List<Encoding> parts) {
    boolean offsets = parts.stream().allMatch(part -> part.starts != null && part.ends != null);
    return new Encoding(
        joined(parts, Encoding::ids),
        joined(parts, Encoding::typeIds),
        joined(parts, Encoding::specialTokensMask),
        joined(parts, Encoding::attentionMask),
        offsets ? joined(parts, part -> requireNonNull(part.starts)) : null,
        offsets ? joined(parts, part -> requireNonNull(part.ends)) : null,
        List.of());
  }

  private static int[] joined(
      List<Encoding> parts, java.util.function.Function<Encoding, int[]> which) {
    return parts.stream().map(which).flatMapToInt(Arrays::stream).toArray();
  }
}
