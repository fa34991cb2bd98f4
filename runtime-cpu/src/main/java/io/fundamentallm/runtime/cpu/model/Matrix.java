package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of weights in a file, [rows][columns] as a linear layer computes {@code y = W·x}: one
 * row for each output. Read once, when a model is loaded. Several threads may read at once.
 */
public interface Matrix {

  /** Weights that share a scale in the quantised formats: 32 neighbours in a row. */
  int BLOCK = 32;

  /** The formats in which a runtime can hold weights. */
  enum Format {
    /** 32-bit floats. */
    F32,
    /** {@code w = scale·q}, q from −128 to 127, in blocks of {@link #BLOCK}. */
    INT8,
    /** {@code w = scale·q − minimum}, q from 0 to 15, in blocks of {@link #BLOCK}. */
    INT4
  }

  /** Number of outputs. */
  int rows();

  /** Number of inputs. */
  int columns();

  /**
   * The smallest format to convert to that loses nothing, or almost nothing, of what the file
   * holds.
   */
  default Format format() {
    return Format.F32;
  }

  /** The 16-bit floats that the file holds; null if it holds others. */
  default HalfWeights.@Nullable Type halfFloats() {
    return null;
  }

  /** The blocks that the file holds; null if it holds none that can be kept. */
  default @Nullable BlockFormat blocks() {
    return null;
  }

  /** The matrices whose rows these are, one after the other; only this if there are no others. */
  default List<Matrix> parts() {
    return List.of(this);
  }

  /**
   * Reads one row of {@link #blocks()} as it is.
   *
   * @param into of this format and this many columns
   * @throws IOException when the file cannot be read or has a scale that is no number; names file,
   *     tensor and offset
   */
  default void readRow(int row, BlockRow into) throws IOException {
    throw new IllegalStateException("a matrix without blocks");
  }

  /**
   * Reads rows as floats.
   *
   * @param row the first
   * @param count how many
   * @param into receives them at 0, row-major [count][columns]
   * @throws IOException when the file cannot be read; names file, tensor and offset
   */
  void read(int row, int count, float[] into) throws IOException;

  /**
   * Reads one row in the blocks of the file itself, if they are blocks of {@link #format()}.
   *
   * @param q receives one number for each column
   * @param scales receives one for each block, of any sign
   * @param minima receives one for each block, of any sign; INT4 only
   * @return false if the file's own blocks are different: then nothing was written
   */
  default boolean readBlocks(int row, byte[] q, float[] scales, float[] minima) throws IOException {
    return false;
  }
}
