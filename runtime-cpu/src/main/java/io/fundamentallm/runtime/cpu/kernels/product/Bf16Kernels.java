package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * Rounding to BF16, to the nearest and of two as near to the even one, and the order in which
 * products read what was rounded: pairs of neighbours that are multiplied one after the other share
 * an int, the first in its lower half.
 */
interface Bf16Kernels {

  /** Ints of a row of pairs: those of the 64 columns of B that a block has. */
  int PAIRS = 64;

  /** Rounds n floats. */
  void round(int n, float[] x, int at, short[] into);

  /**
   * Rounds two rows of n floats and makes pairs of them.
   *
   * @param second index of the second row; negative for zeros
   */
  void pair(int n, float[] x, int first, int second, int[] into, int to);

  /**
   * Rounds some blocks of a panel of weights and makes pairs along the columns. Quantised weights
   * may become the other of two numbers that are about as near.
   *
   * @param block the first; a multiple of {@link ScalarBlocks#BLOCKS} for {@link BlockWeights}
   * @param count how many, at most as many
   * @param scratch that of a {@link Product}
   * @param into receives {@code [count·BLOCK/2][PANEL]}, rows {@link #PAIRS} apart; any numbers for
   *     columns that the weights do not have
   */
  void panel(PackedWeights w, int panel, int block, int count, float[] scratch, int[] into, int to);

  /** The bits of a float, rounded so that their upper half is the nearest BF16. */
  static int round(int bits) {
    return bits + 0x7FFF + (bits >>> 16 & 1);
  }
}
