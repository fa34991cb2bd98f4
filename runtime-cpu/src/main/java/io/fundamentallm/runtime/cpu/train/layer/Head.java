package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.attention.CrossEntropy;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The end of the model: last norm, logits, cross-entropy. Logits exist for some rows at a time,
 * never for a whole batch.
 */
public final class Head {

  /** Logits at a time, 64 MiB of them at most. */
  private static final int LOGITS = 1 << 24;

  private static final CrossEntropy PLAIN = new CrossEntropy(0f, 0f, 0f);

  // Columns whose sums are one piece of work.
  private static final int COLUMNS = 64;

  private final Compute compute;
  private final Norm norm;
  private final int vocabulary;
  private final int channels;
  private final int head;
  private final LogitScales scales;
  private boolean frozen;
  private boolean frozenNorm;
  private final Objective objective;
  private final Criterion criterion;
  private final @Nullable TeacherLoss teacher;
  private Floats logits = new Floats(new float[0], 0);

  Head(Compute compute, TrainableConfig config, ParameterLayout layout, Objective objective) {
    this.compute = compute;
    this.objective = objective;
    criterion = Criterion.of(objective.terms());
    vocabulary = config.vocabularySize();
    teacher =
        criterion.needsTeacher()
            ? new TeacherLoss(compute.kernels(), criterion, vocabulary, compute.slots())
            : null;
    channels = config.hiddenSize();
    head = layout.head();
    norm = Norm.of(config, channels, layout.finalNormWeight(), layout.finalNormBias());
    scales = new LogitScales(compute, config);
  }

  /** From now on skips the gradient of the head's matrix if it is frozen. */
  void freezeAllBut(TrainedTensors trained) {
    frozen = !trained.touch(head, vocabulary * channels);
    frozenNorm = !norm.touchedBy(trained);
  }

  /**
   * The cross-entropy of each row, in {@code a.losses}; zero where the target does not count. Also
   * {@code a.hits}.
   */
  void crossEntropy(float[] parameters, Batch batch, Activations a) {
    int count = batch.rows();
    normForward(parameters, count, a);
    int size = chunk(count);
    for (int start = 0; start < count; start += size) {
      int rows = Math.min(size, count - start);
      logits(parameters, start, rows, a.normed);
      losses(batch, start, rows, row -> PLAIN, null, a);
    }
  }

  /** What is measured: the loss of pairs where the objective compares them, else cross-entropy. */
  void forward(float[] parameters, Batch batch, Activations a) {
    crossEntropy(parameters, batch, a);
    if (criterion.comparesPairs()) {
      PairLoss.apply(criterion.beta(), batch, a);
    }
  }

  /**
   * The same for the whole objective, with the gradient of {@code scale·Σ losses} with respect to
   * the last residual stream in {@code a.dout}, and the gradients of the parameters added.
   *
   * @param fresh whether the gradient of the head's matrix is written instead of added
   */
  void forwardBackward(
      float[] parameters,
      float[] gradients,
      boolean fresh,
      Batch batch,
      float scale,
      Activations a) {
    IntFunction<CrossEntropy> numbers = numbers(parameters, batch, scale, a);
    double[] pairs = criterion.comparesPairs() ? a.losses.clone() : new double[0];
    boolean[] preferred = pairs.length > 0 ? a.hits.clone() : new boolean[0];
    int count = batch.rows();
    normForward(parameters, count, a);
    Floats dnormed = a.dnormed;
    int size = chunk(count);
    for (int start = 0; start < count; start += size) {
      int rows = Math.min(size, count - start);
      logits(parameters, start, rows, a.normed);
      losses(batch, start, rows, numbers, teacher, a);
      TeamProduct product = compute.product();
      product
          .shape(Form.A_B, rows, channels, vocabulary)
          .left(logits.array(), logits.at(), vocabulary)
          .right(parameters, head, channels)
          .into(dnormed.array(), dnormed.at(start * channels), channels);
      product.run();
      if (frozen) {
        continue;
      }
      float[] from = fresh && start == 0 ? null : gradients;
      product
          .shape(Form.AT_B, vocabulary, channels, rows)
          .left(logits.array(), logits.at(), vocabulary)
          .right(a.normed.array(), a.normed.at(start * channels), channels)
          .start(from, head, channels)
          .into(gradients, head, channels);
      product.run();
    }
    System.arraycopy(pairs, 0, a.losses, 0, pairs.length);
    System.arraycopy(preferred, 0, a.hits, 0, preferred.length);
    Floats x = a.stream[a.stream.length - 1];
    NormKernels kernels = compute.kernels().norm();
    Normalization last = norm.with(compute.kernels().elementwise(), parameters);
    Normalization dlast = norm.in(gradients);
    compute.rows(
        count,
        (from, n, slot) -> {
          Arrays.fill(
              a.dout.array(), a.dout.at(from * channels), a.dout.at((from + n) * channels), 0f);
          kernels.backward(last, from, n, dnormed, x, a.statistics, a.dout);
        });
    if (frozenNorm) {
      return;
    }
    compute.split(
        channels,
        COLUMNS,
        (from, columns, slot) ->
            kernels.parameterGradients(dlast, count, from, columns, dnormed, x, a.statistics));
  }

  /**
   * Draws tokens from the distribution that the row before them gives.
   *
   * @param draws a number in [0, 1) that decides each token; negative if none is needed
   * @param tokens receives those that are needed
   */
  void drawNext(float[] parameters, double[] draws, int[] tokens, Activations a) {
    AttentionKernels kernels = compute.kernels().attention();
    normForward(parameters, tokens.length, a);
    int size = chunk(tokens.length);
    for (int start = 0; start < tokens.length; start += size) {
      int next = start + 1;
      int rows = Math.min(size, tokens.length - start);
      logits(parameters, start, rows, a.normed);
      compute.rows(
          Math.min(rows, tokens.length - next),
          (from, n, slot) -> {
            for (int r = from; r < from + n; r++) {
              if (draws[next + r] >= 0) {
                int at = logits.at(r * vocabulary);
                kernels.softmax(vocabulary, vocabulary, 1f, logits.array(), at);
                tokens[next + r] = kernels.draw(vocabulary, draws[next + r], logits.array(), at);
              }
            }
          });
    }
  }

  /** The logits [V] of one row. */
  float[] logits(float[] parameters, int row, Activations a) {
    normForward(parameters, row + 1, a);
    chunk(1);
    logits(parameters, row, 1, a.normed);
    return Arrays.copyOfRange(logits.array(), logits.at(), logits.at(vocabulary));
  }

  /** Bytes of the logits. */
  public static long bytes(TrainableConfig config, int rows) {
    long logits = (long) chunk(rows, config.vocabularySize()) * config.vocabularySize();
    return Float.BYTES * Arena.size(1, logits);
  }

  private void normForward(float[] parameters, int count, Activations a) {
    Floats x = a.stream[a.stream.length - 1];
    NormKernels kernels = compute.kernels().norm();
    Normalization last = norm.with(compute.kernels().elementwise(), parameters);
    compute.rows(
        count, (from, rows, slot) -> kernels.forward(last, from, rows, x, a.normed, a.statistics));
  }

  /** Rows whose logits exist at a time. */
  private int chunk(int count) {
    int rows = chunk(count, vocabulary);
    if (logits.array().length < Arena.size(1, rows * vocabulary)) {
      logits = new Arena(1, rows * vocabulary).floats(rows * vocabulary);
    }
    return rows;
  }

  private static int chunk(int count, int vocabulary) {
    return Math.min(count, Math.max(1, LOGITS / vocabulary));
  }

  /** {@code logits = normed·headᵀ} for some rows. */
  private void logits(float[] parameters, int start, int rows, Floats normed) {
    TeamProduct product = compute.product();
    product
        .shape(Form.A_BT, rows, vocabulary, channels)
        .left(normed.array(), normed.at(start * channels), channels)
        .right(parameters, head, channels)
        .into(logits.array(), logits.at(), vocabulary);
    product.run();
    scales.forward(rows, logits);
  }

  /**
   * What cross-entropy needs for each row. Where pairs are compared, the losses and hits of the
   * pairs are in the activations afterwards.
   */
  private IntFunction<CrossEntropy> numbers(
      float[] parameters, Batch batch, float scale, Activations a) {
    if (criterion.comparesPairs()) {
      crossEntropy(parameters, batch, a);
      float[] slopes = PairLoss.apply(criterion.beta(), batch, a);
      return row -> new CrossEntropy(0, 0, scale * slopes[row]);
    }
    float smoothing = (float) objective.terms().labelSmoothing();
    float zLoss = (float) objective.terms().zLoss();
    CrossEntropy numbers = new CrossEntropy(smoothing, zLoss, scale);
    return row -> numbers;
  }

  /**
   * Turns logits into their gradient, row by row, and keeps the losses.
   *
   * @param taught compares with a teacher; null to leave it out
   */
  private void losses(
      Batch batch,
      int start,
      int rows,
      IntFunction<CrossEntropy> numbers,
      @Nullable TeacherLoss taught,
      Activations a) {
    AttentionKernels kernels = compute.kernels().attention();
    int[] targets = batch.targets();
    float[] x = logits.array();
    compute.rows(
        rows,
        (from, n, slot) -> {
          for (int r = from; r < from + n; r++) {
            int at = logits.at(r * vocabulary);
            int row = start + r;
            if (!objective.counts(targets[row])) {
              Arrays.fill(x, at, at + vocabulary, 0f);
              a.losses[row] = 0;
              a.hits[row] = false;
              continue;
            }
            scales.keepSlopes(slot, x, at);
            CrossEntropy own = numbers.apply(row);
            a.losses[row] =
                taught == null
                    ? kernels.crossEntropy(vocabulary, targets[row], own, x, at, a.hits, row)
                    : distil(taught, batch, row, own, at, slot, a.hits);
            scales.backward(slot, x, at);
          }
        });
  }

  /** The loss of a row with a teacher; its logits become their gradient. */
  private double distil(
      TeacherLoss taught,
      Batch batch,
      int row,
      CrossEntropy numbers,
      int at,
      int slot,
      boolean[] hits) {
    double share = criterion.share();
    float[] x = logits.array();
    double soft = taught.loss(batch.teacher(), row, x, at, numbers.scale(), slot);
    CrossEntropy rest =
        new CrossEntropy(
            numbers.smoothing(), numbers.zLoss(), (float) (1 - share) * numbers.scale());
    double hard =
        compute
            .kernels()
            .attention()
            .crossEntropy(vocabulary, batch.targets()[row], rest, x, at, hits, row);
    taught.addGradient(x, at, slot);
    return (1 - share) * hard + share * soft;
  }
}
