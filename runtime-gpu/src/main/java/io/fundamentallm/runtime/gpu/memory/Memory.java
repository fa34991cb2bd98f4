package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import java.util.List;

/** Where keys and values lie that no run of ONNX Runtime allocates by itself. Thread-safe. */
public interface Memory extends AutoCloseable {
  /** In words, as in "in the memory of the host". */
  String name();

  /** Rows for sequences, of all slots. Not thread-safe but for rows that one thread has alone. */
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
     * Some rows as tensors [count, heads, width, head size], one for each slot, to be closed by the
     * caller. They stay the owner's memory.
     */
    public abstract List<OnnxTensor> tensors(int from, int count) throws OrtException;

    /** Copies the first tokens of one row into a row of others. */
    public abstract void copyTo(Rows target, int from, int to, int tokens) throws OrtException;

    /**
     * Makes the content finite, for graphs that read beyond the tokens of a row and hide what they
     * find there by a weight of 0.
     */
    public abstract void clear() throws OrtException;

    /** Frees the memory, which no tensor may use any more. */
    public abstract void free();
  }

  /** Copies tokens from tensors of these slots to others, wherever they lie. */
  RowCopy rowCopy();

  /**
   * Counts rows that ONNX Runtime allocates.
   *
   * @return to be called when they are gone
   * @throws CacheFullException when that is more than is allowed
   */
  public Runnable count(int rows, int width);

  /** The most rows of a width that can be one tensor. */
  int mostRows(int width);

  /**
   * Allocates rows, whose content may be anything.
   *
   * @throws CacheFullException when there is not so much memory
   */
  Rows allocate(int count, int width) throws OrtException;

  /** Frees what belongs to no rows. */
  @Override
  void close();
}
