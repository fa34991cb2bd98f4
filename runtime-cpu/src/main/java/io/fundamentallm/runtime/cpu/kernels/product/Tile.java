package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * A few rows of A that are multiplied by one panel of B: {@code C = S + A·B}, see {@link
 * VectorTiles}. A is read in place, by two steps. Each thread's product has one, because the loops
 * take more numbers than fit in registers.
 */
final class Tile {
  int rows; // of A and C
  int width; // columns of the panel
  int k; // terms
  float[] a = {};
  int aAt;
  int rowStep; // between two rows of A
  int kStep; // between two neighbours in a row of A
  float[] b = {}; // [k][width]
  int bAt;
  int ldb;
  float[] s = {}; // what the sums start from; it may be C, or one row with lds 0
  int sAt;
  int lds;
  float[] c = {};
  int cAt;
  int ldc;
}
