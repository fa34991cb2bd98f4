package io.fundamentallm.runtime.cpu.format;

import java.util.Random;

/**
 * A tensor in memory.
 *
 * @param shape sizes of its dimensions, outermost first
 * @param values row-major
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Weights(int[] shape, float[] values) {

  /** Random numbers that F16 and BF16 hold exactly. */
  public static Weights random(Random random, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (random.nextInt(255) - 127) / 64f;
    }
    return new Weights(shape, values);
  }

  /** An element of a matrix. */
  public float at(int row, int column) {
    return values[row * shape[1] + column];
  }
}
