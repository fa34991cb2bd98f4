package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * The loops beside oneDNN's products. Rounding is to the nearest BF16, and of two as near to the
 * even one. Products read weights as pairs: neighbours that are multiplied one after the other
 * share an int, the first in its lower half.
 */
interface Bf16Kernels {

  /** Ints of a row of pairs: those of the 64 columns of B that a block has. */
  int PAIRS = 64;

  /** Rounds n floats. */
  void round(int n, float[] x, int at, short[] into);

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

  /** {@code y += x}, for what a product gave: C2 makes no vectors of a loop over two arrays. */
  void add(int n, float[] x, int xAt, float[] y, int yAt);

  /** The bits of a float, rounded so that their upper half is the nearest BF16. */
  static int round(int bits) {
    return bits + 0x7FFF + (bits >>> 16 & 1);
  }
}
