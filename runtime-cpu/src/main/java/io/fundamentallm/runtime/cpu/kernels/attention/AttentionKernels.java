package io.fundamentallm.runtime.cpu.kernels.attention;

/**
 * Softmax and what is built on it: attention over a cache in blocks, and cross-entropy, the softmax
 * of logits. Symbols: D is the head size; PANEL is 32, the positions of a block and the columns of
 * a panel.
 */
public interface AttentionKernels {

  /**
   * Scores [rows][blocks·PANEL] of queries [rows][D] with keys [blocks][D][PANEL]: {@code
   * s[i][b·PANEL + j] = Σ q[i][k]·keys[b][k][j]}, one chain of fused multiply-adds over ascending k
   * that begins with zero.
   */
  void scores(BlockProduct product);

  /**
   * Sums of values in blocks, weighted by probabilities and added to y: {@code y[i][j] += Σ
   * p[i][k]·value(k)[j]}, one chain of fused multiply-adds over ascending k. p is [rows][terms], a
   * block of values [panels of columns][PANEL values][PANEL columns], y [rows][columns, padded];
   * what y receives beyond its columns, within the last panel, is undefined.
   */
  void output(BlockProduct product);

  /**
   * Softmax of {@code scale·x} in place, over the elements from {@code from} to {@code to}; the
   * others, which a mask or a window hides, become zero. Unlike in other sums, every element {@code
   * i} goes to partial sum {@code i mod 16}. Results below e⁻⁸⁷ times the largest are zero.
   *
   * @param to more than from
   * @param n a multiple of 16
   * @param scale more than zero
   */
  void probabilities(int from, int to, int n, float scale, float[] x, int xAt);

  /**
   * Softmax of {@code scale·x} in place, over the first {@code valid} of n elements; the others,
   * which a causal mask hides, become zero.
   *
   * @param valid at least 1
   * @return the logarithm of {@code Σ exp(scale·x[i])}, which {@link #softmaxAgain} takes
   */
  float softmax(int valid, int n, float scale, float[] x, int xAt);

  /**
   * The same probabilities from the same x and a kept log-sum-exp, so that the backward pass need
   * not keep them: {@code x[i] = exp(scale·x[i] − logSumExp)}, zero from {@code valid} on.
   */
  void softmaxAgain(int valid, int n, float scale, float logSumExp, float[] x, int xAt);

  /**
   * Gradient of {@link #softmax} with respect to x, in place of the gradient with respect to the
   * probabilities p: {@code dp[i] = scale·p[i]·(dp[i] − delta)}, where {@code delta = Σ
   * p[i]·dp[i]}.
   */
  void softmaxBackward(int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt);

  /**
   * Cross-entropy of one row of n logits against a target, with its gradient: {@code (1 − ε)·(−log
   * p[target]) + ε·mean(−log p) + z·log²Z} with {@code p = softmax(x)} and Z its normaliser.
   *
   * @param x logits; replaced by {@code scale·((1 + 2z·log Z)·p − (1 − ε)·onehot(target) − ε/n)}
   * @param hits receives, at {@code hitAt}, whether the target is the first of the largest logits
   * @return the loss, in nats
   */
  double crossEntropy(
      int n, int target, CrossEntropy numbers, float[] x, int xAt, boolean[] hits, int hitAt);

  /**
   * The first of n classes whose cumulative probability, summed in double, is above u; if rounding
   * leaves none, the last one whose probability is not zero.
   *
   * @param p probabilities
   * @param u from 0 to below 1
   */
  default int draw(int n, double u, float[] p, int pAt) {
    double sum = 0;
    int last = 0;
    for (int i = 0; i < n; i++) {
      sum += p[pAt + i];
      if (sum > u) {
        return i;
      }
      last = p[pAt + i] > 0 ? i : last;
    }
    return last;
  }

  /**
   * Rotates pairs of channels: {@code (x[i], x[i + half])} by the angle of these cosines and sines.
   *
   * @param half pairs
   */
  void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt);

  /** Converts 16-bit floats to floats; there are no infinities or NaN among them. */
  void dequantize(int n, short[] half, int halfAt, float[] x, int xAt);

  /** Keys [n/PANEL channels][PANEL positions], a scale for each position: {@code x = q·scale}. */
  void dequantizeKeys(int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt);

  /** Values [n/PANEL positions][PANEL channels], a scale for each position: {@code x = q·scale}. */
  void dequantizeValues(int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt);
}
