package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/**
 * The numeric inner loops of the runtime, on {@code float} arrays.
 *
 * <p><b>Arguments.</b> A matrix is an array, the index of its first element ({@code …At}) and a
 * leading dimension ({@code ld…}): the distance between two of its rows, at least the row's length.
 * So every kernel works on a sub-range, and a caller splits work over threads by rows or by
 * columns. Sizes may be zero. An index outside an array is an {@link IndexOutOfBoundsException};
 * operands may not overlap unless a method says so.
 *
 * <p><b>Same bits everywhere.</b> The result of every kernel is a fixed function of its operands.
 * It does not depend on the width of the SIMD registers, on the JDK, on the implementation, or on
 * how rows and columns are split into calls:
 *
 * <ul>
 *   <li>in a product, each element is one chain of fused multiply-adds over ascending k;
 *   <li>a sum along a row has sixteen partial sums, element {@code i} going to sum {@code i mod
 *       16}, folded 8, 4, 2, 1; the elements beyond the last multiple of sixteen follow one by one;
 *   <li>a sum over rows takes the rows in ascending order;
 *   <li>{@code exp} is one polynomial, see {@link Exponential}.
 * </ul>
 *
 * <p><b>Threads.</b> Implementations are stateless and safe for any number of threads. Some kernels
 * take a scratch array, which no other thread may use during the call.
 */
public interface Kernels extends UpdateKernels {

  /**
   * Index of the first float of large data that is to begin with a cache line, as vectors that
   * straddle two take longer. Behind the 16 bytes of an array's header it does where the array
   * begins with a line. In G1 all arrays do that take half a region or more; regions are of 1 to 32
   * MiB. Elsewhere it is a matter of luck.
   */
  int FRONT = 12;

  /**
   * Floats of scratch that some kernels need; contents before and after mean nothing. 1 MiB, of
   * which a quarter is used: enough to begin with a cache line in G1's heaps up to 4 GiB.
   */
  int SCRATCH = FRONT + 256 * 1024;

  /**
   * The kernels for this JVM: those on the Vector API where {@code jdk.incubator.vector} is
   * present, else scalar ones. The system property {@code fundamentallm.kernels=scalar|vector}
   * forces the choice. Which one runs, and why, is logged once.
   *
   * @throws IllegalStateException if the property has another value, or asks for the Vector API
   *     where it is absent
   */
  static Kernels best() {
    return KernelChoice.chosen();
  }

  /** {@code scalar} or {@code vector}, with the register width where it matters. */
  String name();

  /**
   * Matrix product {@code C = S + A·B}, with A or B transposed in memory as {@code form} says.
   *
   * <p>S is where the sums start from: nothing ({@code start == null}, zeros), a bias row shared by
   * all rows ({@code lds == 0}), or a matrix [M][N]. It may be C itself, with the same index and
   * leading dimension: the product is then added to what is there.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k terms of each sum
   * @param start S, or null for zeros; then {@code startAt} and {@code lds} are ignored
   * @param scratch at least {@link #SCRATCH} floats
   */
  void product(
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
      int ldc,
      float[] scratch);

  /** {@code y[i] += x[i]}. */
  void add(int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code x[i] *= factor}. */
  void scale(int n, float factor, float[] x, int xAt);

  /** Adds each row of x [rows][n] to {@code sums} [n]: the gradient of a bias. */
  void addColumnSums(int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt);

  /** {@code Σ x[i]·y[i]}. */
  float dot(int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code Σ x[i]²}, squared and summed in double. */
  double sumOfSquares(int n, float[] x, int xAt);

  /**
   * Layer normalisation of each row (Ba et al. 2016): {@code y = (x − mean)·rstd·gamma + beta} with
   * {@code rstd = 1/√(variance + epsilon)}. y may be x.
   *
   * @param x [rows][n]
   * @param gamma [n]
   * @param beta [n]
   * @param y [rows][n]
   * @param mean receives the mean of row r at {@code statAt + r}
   * @param rstd receives the reciprocal standard deviation of row r at {@code statAt + r}
   */
  void layerNorm(
      int rows,
      int n,
      float epsilon,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] beta,
      int betaAt,
      float[] y,
      int yAt,
      int ldy,
      float[] mean,
      float[] rstd,
      int statAt);

  /**
   * Gradient of {@link #layerNorm} with respect to its input, <em>added</em> to dx: {@code dx +=
   * rstd·(g − mean(g) − x̂·mean(g·x̂))} with {@code g = dy·gamma} and x̂ the normalised input.
   */
  void layerNormBackward(
      int rows,
      int n,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] mean,
      float[] rstd,
      int statAt,
      float[] dx,
      int dxAt,
      int lddx);

  /**
   * Gradients of {@link #layerNorm} with respect to gamma and beta, <em>added</em> to dgamma and
   * dbeta [n]. Works on any range of columns.
   */
  void layerNormParameterGradients(
      int rows,
      int n,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] mean,
      float[] rstd,
      int statAt,
      float[] dgamma,
      int dgammaAt,
      float[] dbeta,
      int dbetaAt);

  /**
   * GELU in the tanh form of GPT-2 (Hendrycks and Gimpel 2016; {@code gelu_new} in Hugging Face):
   * {@code y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. In place of x it leaves the slope
   * gelu'(x), by which backward then only multiplies.
   */
  void gelu(int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code y[i] *= x[i]}. */
  void multiply(int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * Softmax of {@code scale·x} in place, over the first {@code valid} of n elements; the others,
   * those that a causal mask hides, become zero.
   *
   * @param valid at least 1
   * @return the logarithm of {@code Σ exp(scale·x[i])}, which {@link #softmaxAgain} takes
   */
  float softmax(int valid, int n, float scale, float[] x, int xAt);

  /**
   * The same probabilities from the same x and a kept log-sum-exp, so that backward need not keep
   * them: {@code x[i] = exp(scale·x[i] − logSumExp)}, zero from {@code valid} on.
   */
  void softmaxAgain(int valid, int n, float scale, float logSumExp, float[] x, int xAt);

  /**
   * Gradient of {@link #softmax} with respect to x, in place of the gradient with respect to the
   * probabilities p: {@code dp[i] = scale·p[i]·(dp[i] − delta)}, where {@code delta = Σ
   * p[i]·dp[i]}.
   */
  void softmaxBackward(int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt);

  /**
   * Cross-entropy of one row of logits against a target, with its gradient: {@code (1 − ε)·(−log
   * p[target]) + ε·mean(−log p) + z·log²Z} with {@code p = softmax(x)}, Z its normaliser, ε label
   * smoothing (Szegedy et al. 2016) and z the factor of the z-loss (Chowdhery et al. 2022).
   *
   * @param n number of classes, at least 1
   * @param target from 0 to n − 1
   * @param smoothing ε, from 0 to 1
   * @param zLoss z, at least 0
   * @param scale factor on the gradient, not on the loss
   * @param x logits; replaced by {@code scale·((1 + 2z·log Z)·p − (1 − ε)·onehot(target) − ε/n)}
   * @param hits receives, at {@code hitAt}, whether the target is the first of the largest logits
   * @return the loss, in nats
   */
  double crossEntropy(
      int n,
      int target,
      float smoothing,
      float zLoss,
      float scale,
      float[] x,
      int xAt,
      boolean[] hits,
      int hitAt);

  /**
   * Inverted dropout (Srivastava et al. 2014): {@code x[i]} becomes zero with a probability of
   * {@code threshold/2²⁴}, and {@code scale·x[i]} otherwise. Which of the two is a pure function of
   * the key and of {@code first + i}: lowbias32 of Wellons' Hash Prospector (2018), with half of
   * the key before its first multiplication and half before its second.
   *
   * @param threshold from 0 to 2²⁴
   */
  default void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      int kept = Dropping.kept(key, first + i, threshold);
      x[xAt + i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[xAt + i] * scale) & kept);
    }
  }

  /**
   * The first of n classes whose cumulative probability, summed in double, is above u; the last one
   * that has any where rounding leaves none.
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
   * Product of rows with the weights of a linear layer, added to y: {@code y[r][n] += Σ
   * x[r][k]·W[n][k]} for the n of some panels. Each sum is one chain of fused multiply-adds over
   * ascending k that begins with y; with quantised weights of one term for each block, which is an
   * exact sum of integers. So its bits depend neither on how many rows there are nor on which
   * panels are computed together.
   *
   * @param fromPanel first panel
   * @param toPanel behind the last
   * @param x [rows][columns]
   * @param quantized x by {@link #quantizeRows}, where the weights are quantised; x is not read
   *     then, and else this is not. The first row must be the first of a tile
   * @param tile the rows of a tile there
   * @param y [rows][padded rows of W]; its column n is element n of a row, whatever panels are
   *     wanted
   * @param scratch at least {@link #SCRATCH} floats
   */
  void multiply(
      PackedWeights weights,
      int fromPanel,
      int toPanel,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] quantized,
      int quantizedAt,
      int tile,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch);

  /** A multiple of the rows of every tile. */
  int QUANTIZED_TILES = 12;

  /** Rows of a tile of quantised rows: 1 for few, else what the weights' products take. */
  static int quantizedTile(PackedWeights weights, int rows) {
    return QuantizedRows.tile(weights, rows);
  }

  /** Floats of a row of {@link #quantizeRows}; rows are counted in whole tiles. */
  static int quantizedSize(int columns) {
    return PackedWeights.padded(columns) / PackedWeights.BLOCK * QuantizedRows.STRIDE;
  }

  /**
   * Rounds inputs to small integers, with a scale for each block of {@link PackedWeights#BLOCK}
   * columns, as products with quantised weights take them.
   *
   * @param weights of the product, which is quantised
   * @param tile by {@link #quantizedTile}; missing rows of the last tile become zeros
   * @param x [rows][columns], padded with zeros to whole blocks
   * @param q receives {@link #quantizedSize} floats for each row of the tiles
   */
  void quantizeRows(
      PackedWeights weights, int rows, int tile, float[] x, int xAt, int ldx, float[] q, int qAt);

  /**
   * Attention scores of queries with keys in blocks: {@code s[i][b·PANEL + j] = Σ
   * q[i][k]·keys[b][k][j]}, one chain of fused multiply-adds over ascending k that begins with
   * zero.
   *
   * @param m queries
   * @param d head size
   * @param q [m][d]
   * @param blocks how many
   * @param keys [blocks] arrays with [d][{@link PackedWeights#PANEL}] at the same index
   * @param s receives [m][blocks·PANEL]
   * @param scratch at least {@link #SCRATCH} floats
   */
  void scores(
      int m,
      int d,
      float[] q,
      int qAt,
      int ldq,
      int blocks,
      float[][] keys,
      int keysAt,
      float[] s,
      int sAt,
      int lds,
      float[] scratch);

  /**
   * Sums of values in blocks, weighted by probabilities and added to c: {@code c[i][j] += Σ
   * p[i][k]·value(k)[j]}, one chain of fused multiply-adds over ascending k.
   *
   * @param n columns; what c receives beyond them, within its last panel, means nothing
   * @param k values, PANEL in a block
   * @param p [m][k]
   * @param values arrays with [panels of n][PANEL values][PANEL columns] at the same index
   * @param c [m][n, padded]
   * @param scratch at least {@link #SCRATCH} floats
   * @param scratch at least {@link #SCRATCH} floats
   */
  void attentionOutput(
      int m,
      int n,
      int k,
      float[] p,
      int pAt,
      int ldp,
      float[][] values,
      int valuesAt,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch);

  /**
   * RMS normalisation of each row (Zhang and Sennrich 2019): {@code y = x·gamma/√(mean(x²) +
   * epsilon)}. y may be x.
   *
   * @param x [rows][n]
   * @param gamma [n]
   * @param y [rows][n]
   */
  void rmsNorm(
      int rows,
      int n,
      float epsilon,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] y,
      int yAt,
      int ldy);

  /**
   * Softmax of {@code scale·x} in place, over the elements from {@code from} to {@code to}; the
   * others, those that a mask or a window hides, become zero. Unlike in other sums every element
   * {@code i} goes to partial sum {@code i mod 16}, and what is below e⁻⁸⁷ times the largest is
   * zero.
   *
   * @param to more than from
   * @param n a multiple of 16
   * @param scale more than zero
   */
  void probabilities(int from, int to, int n, float scale, float[] x, int xAt);

  /**
   * Gradient of {@link #rmsNorm} with respect to its input, <em>added</em> to dx: {@code dx +=
   * rstd·(g − x̂·mean(g·x̂))} with {@code g = dy·gamma} and x̂ the normalised input.
   *
   * @param rstd receives the reciprocal root mean square of row r at {@code statAt + r}
   */
  void rmsNormBackward(
      int rows,
      int n,
      float epsilon,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] rstd,
      int statAt,
      float[] dx,
      int dxAt,
      int lddx);

  /**
   * Gradient of {@link #rmsNorm} with respect to gamma, <em>added</em> to dgamma [n]. Works on any
   * range of columns.
   *
   * @param rstd as {@link #rmsNormBackward} gives it
   */
  void rmsNormParameterGradients(
      int rows,
      int n,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] rstd,
      int statAt,
      float[] dgamma,
      int dgammaAt);

  /**
   * SwiGLU (Shazeer 2020): {@code y[i] = silu(gate[i])·up[i]}.
   *
   * @param x gate [n], up [n]
   * @param y [n]
   */
  void swiglu(int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * Gradient of {@link #swiglu} with respect to x.
   *
   * @param dy [n]
   * @param dx receives those of gate [n] and of up [n]
   */
  void swigluBackward(int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt);

  /** {@code y[i] = f(x[i])}; y may be x. */
  void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * A gated activation: {@code y = f(gate)·up}.
   *
   * @param panels of y
   * @param x [rows][panels][gate [PANEL], up [PANEL]]
   * @param y [rows][panels][PANEL]
   */
  void gate(
      Activation f, int rows, int panels, float[] x, int xAt, int ldx, float[] y, int yAt, int ldy);

  /**
   * Turns pairs of channels: {@code (x[i], x[i + half])} by the angle of these cosines and sines.
   *
   * @param half pairs
   */
  void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt);

  /** {@code y[j][i] = x[i][j]} for x [rows][columns]. */
  static void transpose(
      int rows, int columns, float[] x, int xAt, int ldx, float[] y, int yAt, int ldy) {
    ScalarProduct.transpose(rows, columns, x, xAt, ldx, y, yAt, ldy);
  }

  /** The floats that these 16-bit floats stand for; infinities and NaN are not among them. */
  void dequantize(int n, short[] half, int halfAt, float[] x, int xAt);

  /** {@code x[i] = q[i]·scales[i mod period]}, or {@code scales[i/period]} where repeated. */
  void dequantize(
      int n,
      byte[] q,
      int qAt,
      float[] scales,
      int scalesAt,
      int period,
      boolean repeated,
      float[] x,
      int xAt);

  /**
   * Scales and minima of {@link Int4Weights} for one block of a panel's rows, with a small squared
   * error, in floats with eight bits of fraction.
   *
   * @param n columns of the block
   * @param x [n][PANEL]
   * @param scales receives PANEL numbers; the next PANEL are scratch
   * @param minima receives PANEL numbers; the next PANEL are scratch
   */
  void quantize(int n, float[] x, float[] scales, float[] minima);
}
