package io.fundamentallm.runtime.cpu.train.layer;

/**
 * Floats in an array, from a place on; where they end is known by whoever uses them.
 *
 * @param array which other floats may share
 * @param at index of the first
 */
public record Floats(float[] array, int at) {

  /** Where the float with that index lies in the array. */
  int at(int index) {
    return at + index;
  }

  /** Copies some of them to the same place among others. */
  void copy(int from, int count, Floats to) {
    System.arraycopy(array, at(from), to.array, to.at(from), count);
  }
}
