package io.fundamentallm.runtime.cpu.kernels.product;

/** How the operands of a matrix product are laid out in memory; all of them are row-major. */
public enum Form {
  /** {@code C[m][n] = Σ a[m][k]·b[k][n]}: A is stored [M][K], B is stored [K][N]. */
  A_B,
  /** {@code C[m][n] = Σ a[k][m]·b[k][n]}: A is stored [K][M], B is stored [K][N]. */
  AT_B,
  /** {@code C[m][n] = Σ a[m][k]·b[n][k]}: A is stored [M][K], B is stored [N][K]. */
  A_BT
}
