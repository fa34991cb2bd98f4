package io.fundamentallm.runtime.cpu.kernels.norm;

/**
 * What forward keeps of each row for backward. RMSNorm's backward fills it for the gradient of its
 * parameter.
 *
 * @param mean of each row; not used by RMSNorm
 * @param rstd the reciprocal of the standard deviation, or of the root of the mean square
 */
@SuppressWarnings("ArrayRecordComponent") // scratch, never compared
public record NormStatistics(float[] mean, float[] rstd) {

  /** For this many rows. */
  public NormStatistics(int rows) {
    this(new float[rows], new float[rows]);
  }
}
