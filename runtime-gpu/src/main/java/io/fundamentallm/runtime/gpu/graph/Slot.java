package io.fundamentallm.runtime.gpu.graph;

import java.util.Arrays;

/**
 * The keys or the values of one layer: usually [B, heads, L, head size], B sequences, L tokens.
 *
 * @param past the input
 * @param present the output
 * @param precision of both
 * @param shape of one sequence without tokens: 1 for B, 0 for L
 * @param axis the index of L in the shape
 * @param capacity what the graph fixes L to; 0 if it is free
 */
@SuppressWarnings("ArrayRecordComponent") // read only, never compared
public record Slot(
    String past, String present, Precision precision, long[] shape, int axis, int capacity) {
  /** The shape for this many sequences with room for this many tokens. */
  public long[] shape(int sequences, int tokens) {
    long[] sized = shape.clone();
    sized[0] = sequences;
    sized[axis] = tokens;
    return sized;
  }

  /** Numbers between one token and the next. */
  public int inner() {
    return product(axis + 1, shape.length);
  }

  /** How many runs through its tokens one sequence has. */
  public int outer() {
    return product(1, axis);
  }

  private int product(int from, int to) {
    return Math.toIntExact(Arrays.stream(shape, from, to).reduce(1, Math::multiplyExact));
  }

  /** Bytes of this many tokens of one sequence. */
  public long bytes(int tokens) {
    return Math.multiplyExact((long) outer() * inner(), (long) precision.bytes() * tokens);
  }
}
