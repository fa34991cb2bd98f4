package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.util.Objects;

/**
 * A tensor to write.
 *
 * @param name in the file
 * @param role what decides its type
 * @param layer its number; 0 outside layers
 * @param matrix its numbers, in the order of the file; one row for a vector
 * @param shape sizes of its dimensions, outermost first
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FileTensor(String name, Role role, int layer, Matrix matrix, long... shape) {

  /** What llama.cpp's quantiser distinguishes. */
  enum Role {
    /** Kept in 32 bits: vectors, position tables, routers. */
    EXACT,
    /** The head, or the token embedding if it is the head too. */
    HEAD,
    /** Values, or queries, keys and values in one. */
    VALUES,
    KEYS,
    ATTENTION_OUT,
    DOWN,
    OTHER
  }

  static FileTensor of(String name, Role role, int layer, Matrix matrix) {
    return new FileTensor(name, role, layer, matrix, matrix.rows(), matrix.columns());
  }

  static FileTensor vector(String name, float[] values) {
    return new FileTensor(name, Role.EXACT, 0, new Vector(values), values.length);
  }

  /** A vector as a matrix of one row. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Vector(float[] values) implements Matrix {
    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int columns() {
      return values.length;
    }

    @Override
    public void read(int row, int count, float[] into) {
      Objects.checkFromIndexSize(row, count, 1);
      System.arraycopy(values, 0, into, 0, count * values.length);
    }
  }
}
