package io.fundamentallm.runtime.gpu.graph;

import ai.onnxruntime.OnnxTensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of the sequences of a run, one past for each row at first; freed with the last of
 * its pasts. Thread-safe.
 */
public final class TensorGroup {
  public final List<OnnxTensor> tensors;
  public final int rows;

  /** How many tokens a row has, padding counted. */
  public final int width;

  private final Runnable free;
  private final AtomicInteger pasts;

  public TensorGroup(List<OnnxTensor> tensors, int rows, int width, Runnable free) {
    this.tensors = tensors;
    this.rows = rows;
    this.width = width;
    this.free = free;
    this.pasts = new AtomicInteger(rows);
  }

  /** Counts one more past. */
  public void share() {
    pasts.incrementAndGet();
  }

  /** Counts one less. */
  public void leave() {
    if (pasts.decrementAndGet() == 0) {
      free.run();
    }
  }
}
