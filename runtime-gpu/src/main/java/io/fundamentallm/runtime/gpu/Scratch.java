package io.fundamentallm.runtime.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Native memory for what goes into a run and comes out, used again from run to run: it grows by
 * doubling, or each token of a sequence would allocate. Belongs to one pass at a time. Views begin
 * at 0 and have exactly the size asked for; they are valid until the same kind is asked for again.
 */
final class Scratch {
  /** Bytes of the largest buffer. */
  private static final int MOST = Integer.MAX_VALUE - 8;

  private LongBuffer ids = longs(0);
  private LongBuffer positions = longs(0);
  private LongBuffer ones = longs(0);
  private ByteBuffer logits = bytes(0);

  /** Some tokens, and behind them others. */
  LongBuffer ids(int[] first, int[] then) {
    int count = first.length + then.length;
    if (ids.capacity() < count) {
      ids = longs(Math.max(count, 2 * ids.capacity()));
    }
    for (int i = 0; i < count; i++) {
      ids.put(i, i < first.length ? first[i] : then[i - first.length]);
    }
    return ids.slice(0, count);
  }

  /** The numbers in {@code [from, to)}. */
  LongBuffer positions(int from, int to) {
    if (positions.capacity() < to - from) {
      positions = longs(Math.max(to - from, 2 * positions.capacity()));
    }
    for (int i = from; i < to; i++) {
      positions.put(i - from, i);
    }
    return positions.slice(0, to - from);
  }

  /** A mask that hides nothing. */
  LongBuffer ones(int length) {
    if (ones.capacity() < length) {
      ones = longs(Math.max(length, 2 * ones.capacity()));
      for (int i = 0; i < ones.capacity(); i++) {
        ones.put(i, 1);
      }
    }
    return ones.slice(0, length);
  }

  /** Room for logits. */
  ByteBuffer logits(int bytes) {
    if (logits.capacity() < bytes) {
      logits = bytes((int) Math.min(MOST, Math.max(bytes, 2L * logits.capacity())));
    }
    return logits.slice(0, bytes).order(ByteOrder.nativeOrder());
  }

  private static LongBuffer longs(int size) {
    return bytes(Math.multiplyExact(size, Long.BYTES)).asLongBuffer();
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }
}
