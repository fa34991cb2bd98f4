package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/**
 * Matrix products that a whole team computes. Bit for bit those of {@link Kernels#product}, however
 * many threads there are.
 *
 * <p>Keeps scratch memory for copies of the operands, see {@link #bytes}. One thread at a time;
 * several of these may share a team.
 */
public interface TeamProduct {

  /** What it keeps at most, for a team of so many. */
  static long bytes(int threads) {
    return (6L << 20) + threads * (640L << 10);
  }

  /**
   * Matrix product {@code C = S + A·B}. Arguments are those of {@link Kernels#product}.
   *
   * @throws IllegalStateException if called from within parallel work of the team
   */
  void run(
      Form form,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc);
}
