package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of the first tokens of a sequence, in native memory, or the tokens alone. Never
 * changed, and shared by reference count between sessions, forks and passes under way: freed when
 * the last lets go. Thread-safe.
 */
final class Past {
  private final int length;
  private final int[] tokens;
  private final List<OnnxTensor> tensors;
  private final Runnable free;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * Held once, by the caller.
   *
   * @param length how many tokens
   * @param tensors one for each of {@link Graph#slots}
   * @param free frees the tensors
   */
  Past(int length, List<OnnxTensor> tensors, Runnable free) {
    this(length, new int[0], tensors, free);
  }

  private Past(int length, int[] tokens, List<OnnxTensor> tensors, Runnable free) {
    this.length = length;
    this.tokens = tokens;
    this.tensors = tensors;
    this.free = free;
  }

  /** The tokens themselves, of which no keys and values are kept. Held once, by the caller. */
  static Past ofTokens(int[] tokens) {
    return new Past(tokens.length, tokens, List.of(), () -> {});
  }

  int length() {
    return length;
  }

  /** The tokens, where nothing else is kept; else none. Not to be changed. */
  int[] tokens() {
    return tokens;
  }

  List<OnnxTensor> tensors() {
    return tensors;
  }

  /** Holds it once more. */
  Past retain() {
    if (holders.getAndIncrement() <= 0) {
      throw new IllegalStateException("the keys and values of this past were freed already");
    }
    return this;
  }

  /** Lets go once. */
  void release() {
    if (holders.decrementAndGet() == 0) {
      free.run();
    }
  }
}
