package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;

/**
 * Matrices of the blocks that are not in the flat array: each is made when a product needs it. They
 * have addresses as those in the array have, see {@link ParameterLayout#matrices()}. One thread at
 * a time, and not from within parallel work.
 */
public interface MadeMatrices {

  /** Begins a step: the gradients that were taken before are forgotten. */
  void begin();

  /** Whether any of those at an address is trained. */
  boolean trains(int address, int size);

  /**
   * The matrices at an address, one after the other, each [outputs][inputs].
   *
   * @return an array that holds them from 0 on until the next call
   */
  float[] make(int address, int size);

  /** An array for their gradients, which is {@link #take taken} before the next call. */
  float[] gradients();

  /** Takes the gradients with respect to the matrices at an address, and adds them to others. */
  void take(int address, int size);
}
