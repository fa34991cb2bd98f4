package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of the sequences of a run, one past for each row at first; freed with the last of
 * its pasts. Thread-safe.
 */
final class TensorGroup {
  final List<OnnxTensor> tensors;
  final int rows;

  /** How many tokens a row has, padding counted. */
  final int width;

  private final Runnable free;
  private final AtomicInteger pasts;

  TensorGroup(List<OnnxTensor> tensors, int rows, int width, Runnable free) {
    this.tensors = tensors;
    this.rows = rows;
    this.width = width;
    this.free = free;
    this.pasts = new AtomicInteger(rows);
  }

  /** Counts one more past. */
  void share() {
    pasts.incrementAndGet();
  }

  /** Counts one less. */
  void leave() {
    if (pasts.decrementAndGet() == 0) {
      free.run();
    }
  }
}
