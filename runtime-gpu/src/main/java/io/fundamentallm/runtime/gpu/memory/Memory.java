package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import java.util.List;

/** Memory for keys and values that ONNX Runtime does not allocate by itself. Thread-safe. */
public interface Memory extends AutoCloseable {
  /** A phrase for messages, such as "in the memory of the host". */
  String name();

  /**
   * Rows for sequences, in all slots. Several threads may use different rows at the same time, but
   * never the same one.
   */
  abstract class Rows {
    private final int count;
    private final int width;

    Rows(int count, int width) {
      this.count = count;
      this.width = width;
    }

    public final int count() {
      return count;
    }

    /** How many tokens a row has room for. */
    public final int width() {
      return width;
    }

    /**
     * Some rows as tensors of shape [count, heads, width, head size], one for each slot. The caller
     * closes them; the memory stays the owner's.
     */
    public abstract List<OnnxTensor> tensors(int from, int count) throws OrtException;

    /** Copies the first tokens of one row into a row of others. */
    public abstract void copyTo(Rows target, int from, int to, int tokens) throws OrtException;

    /**
     * Makes the content finite. Some graphs read beyond the tokens of a row and multiply what they
     * find by 0.
     */
    public abstract void clear() throws OrtException;

    /** Frees the memory. No tensor may use it any more. */
    public abstract void free();
  }

  /** Copies tokens between tensors of these slots, on any device. */
  RowCopy rowCopy();

  /**
   * Counts rows that ONNX Runtime allocates.
   *
   * @return what to call when they are gone
   * @throws CacheFullException when the budget does not allow them
   */
  public Runnable count(int rows, int width);

  /** The most rows of this width that fit in one tensor. */
  int maxRows(int width);

  /**
   * Allocates rows with arbitrary content.
   *
   * @throws CacheFullException when there is not enough memory
   */
  Rows allocate(int count, int width) throws OrtException;

  /** Frees what no rows use. */
  @Override
  void close();
}
