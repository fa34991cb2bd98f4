package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.Initialization;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transformer with its gradients: the loss of a batch, and the exact derivative of it.
 *
 * <p>Parameters and gradients are flat arrays in the order of {@link ParameterLayout}. The results
 * are the same bits for any number of threads. One thread at a time; memory for activations is
 * allocated for the largest batch seen and then kept.
 */
public final class TrainableTransformer {

  private static final int FILL = 64 * 1024;

  /**
   * Rows that go through the model together, or one sequence. With more, products are no faster and
   * activations leave the caches: this was the fastest of 256, 512, 1024 and all, at 384 channels
   * on Zen 5.
   */
  private static final int ROWS = 512;

  private final TrainableConfig config;
  private final Compute compute;
  private final DecoderStack stack;
  private final Head head;
  private final float[] parameters;
  private final float[] gradients;
  private final Objective objective;
  private final Criterion criterion;
  private final BatchCheck check;
  private final List<ParameterLayout.Tensor> cleared;
  private final int multiplied; // the first weight that products read
  // Whether no batch has been added since gradients were cleared: those of matrices are then
  // written, not added.
  private boolean fresh;
  private int step = 1;
  private int rows; // of this step so far
  private int passed; // rows of the last pass

  /**
   * A model whose activations are all kept.
   *
   * @param parameters the flat array, which is used and not copied
   * @param objective of {@link #forwardBackward}; what {@link #forward} measures is cross-entropy
   * @throws IllegalArgumentException if the array does not have the length of the layout
   */
  public TrainableTransformer(
      TrainableConfig config,
      Kernels kernels,
      Parallel parallel,
      float[] parameters,
      Objective objective) {
    this(kind(config, objective, false), kernels, parallel, parameters, objective);
  }

  /** A model that keeps these activations. */
  public TrainableTransformer(
      Activations.Kind kind,
      Kernels kernels,
      Parallel parallel,
      float[] parameters,
      Objective objective) {
    this(kind, kernels, parallel, parameters, null, objective);
  }

  /**
   * A model whose matrices are made when they are needed; of the parameters in the flat array none
   * is trained.
   *
   * @param made null where the matrices are in the flat array, too
   */
  public TrainableTransformer(
      Activations.Kind kind,
      Kernels kernels,
      Parallel parallel,
      float[] parameters,
      @Nullable MadeMatrices made,
      Objective objective) {
    TrainableConfig config = kind.config();
    ParameterLayout layout = new ParameterLayout(config, made != null);
    if (parameters.length != layout.size()) {
      throw new IllegalArgumentException(
          "parameters must have " + layout.size() + " elements, not " + parameters.length);
    }
    this.config = config;
    this.parameters = parameters;
    this.objective = objective;
    criterion = Criterion.of(objective.terms());
    gradients = new float[made == null ? layout.size() : 0];
    cleared =
        made == null
            ? layout.tensors().stream().filter(tensor -> added(tensor, layout)).toList()
            : List.of();
    int scores = Attention.scores(config.shape().attention(), config.contextLength());
    compute = new Compute(kernels, parallel, scores, made);
    // the token embedding is the first tensor, and multiplied with only if it is the head, too
    boolean tied = layout.head() == layout.tokenEmbedding();
    multiplied = tied ? 0 : layout.tensors().get(0).size();
    stack = new DecoderStack(compute, kind, layout);
    head = new Head(compute, config, layout, objective);
    check = new BatchCheck(config, objective, criterion);
    if (made != null) {
      TrainedTensors none = new TrainedTensors(List.of(), layout.size());
      stack.freezeAllBut(none);
      head.freezeAllBut(none);
    }
  }

  private static Activations.Kind kind(TrainableConfig config, Objective objective, boolean again) {
    return new Activations.Kind(config, objective.terms().dropout() > 0, again);
  }

  /** Whether gradients are always added: all except those of the matrices of products. */
  private static boolean added(ParameterLayout.Tensor tensor, ParameterLayout layout) {
    return !tensor.hidden() && tensor.offset() != layout.head();
  }

  /** A model with initial weights as in {@link Initialization}, for maximum likelihood. */
  public static TrainableTransformer initial(
      TrainableConfig config, Kernels kernels, Parallel parallel, long seed) {
    float[] parameters =
        Initialization.parameters(config, new ParameterLayout(config), seed, parallel);
    return new TrainableTransformer(
        config, kernels, parallel, parameters, Objective.MAXIMUM_LIKELIHOOD);
  }

  /** Frees what its products hold outside the heap. */
  public void close() {
    compute.close();
  }

  /** What {@link #addGradients} minimises. */
  public Objective objective() {
    return objective;
  }

  /** The loss function of that. */
  public Criterion criterion() {
    return criterion;
  }

  /** Its shape. */
  public TrainableConfig config() {
    return config;
  }

  /**
   * From now on computes the gradients of these parameters. Those of the others are skipped where
   * that saves work, and are then undefined.
   */
  public void freezeAllBut(TrainedTensors trained) {
    stack.freezeAllBut(trained);
    stack.stopAtLowest(trained, new ParameterLayout(config));
    head.freezeAllBut(trained);
  }

  /** The parameters themselves, not a copy. */
  public float[] parameters() {
    return parameters;
  }

  /** The gradients of the last {@link #forwardBackward}, not a copy. */
  public float[] gradients() {
    return gradients;
  }

  /**
   * The cross-entropy of a batch.
   *
   * @param inputs token ids [B·T]
   * @param targets the token that follows each of them, or one that does not count [B·T]
   * @param batch B, at least 1
   * @param steps T, from 1 to the context length
   * @throws IllegalArgumentException if sizes or ids do not fit
   */
  public Loss forward(int[] inputs, int[] targets, int batch, int steps) {
    check.require(inputs, targets, batch, steps);
    return forward(Batch.of(inputs, targets, steps));
  }

  /** The cross-entropy of a batch; the loss of its pairs where the objective compares them. */
  public Loss forward(Batch batch) {
    check.require(batch);
    compute.forgetRounded();
    return inParts(
        batch,
        part -> {
          stack.forward(parameters, part.inputs(), objective.measuring(part));
          head.forward(parameters, part, stack.activations());
          return 0;
        });
  }

  /**
   * The log-probabilities of examples of pairs.
   *
   * @param into by the number of the example, receives those of the batch
   */
  public void score(Batch batch, float[] into) {
    check.require(batch);
    compute.forgetRounded();
    inParts(
        batch,
        part -> {
          stack.forward(parameters, part.inputs(), objective.measuring(part));
          Activations a = stack.activations();
          head.crossEntropy(parameters, part, a);
          int[] examples = part.examples();
          for (int from = 0; from < examples.length; ) {
            int to = from;
            double sum = 0;
            do {
              sum -= a.losses[to++];
            } while (to % part.steps() != 0 && examples[to] == examples[from]);
            if (examples[from] >= 0) {
              into[examples[from]] = (float) sum;
            }
            from = to;
          }
          return 0;
        });
  }

  /**
   * The objective's loss of a batch; afterwards {@link #gradients()} is the gradient of its mean.
   *
   * @throws IllegalArgumentException also if no target counts
   */
  public Loss forwardBackward(int[] inputs, int[] targets, int batch, int steps) {
    int count = check.require(inputs, targets, batch, steps);
    if (count == 0) {
      throw new IllegalArgumentException("none of the targets counts");
    }
    return forwardBackward(Batch.of(inputs, targets, steps));
  }

  /** The same of a batch of any kind. */
  public Loss forwardBackward(Batch batch) {
    int count = count(batch);
    if (count == 0) {
      throw new IllegalArgumentException("none of the targets counts");
    }
    begin(1);
    return addGradients(batch, count);
  }

  /** How many losses a batch has: targets that count, or pairs. */
  public int count(Batch batch) {
    return criterion.comparesPairs() ? PairLoss.count(batch) : objective.count(batch.targets());
  }

  /**
   * Begins a step: the gradients are zero, and the rows of the next {@link #addGradients} are the
   * first. The parameters may change again after the last of these.
   *
   * @param step from 1
   */
  public void begin(int step) {
    this.step = step;
    rows = 0;
    if (compute.made() == null) {
      compute.round(parameters, multiplied);
    }
    MadeMatrices made = compute.made();
    if (made != null) {
      made.begin();
    }
    for (ParameterLayout.Tensor tensor : cleared) {
      int at = tensor.offset();
      compute.split(
          tensor.size(),
          FILL,
          (from, n, slot) -> Arrays.fill(gradients, at + from, at + from + n, 0f));
    }
    fresh = true;
  }

  /**
   * Adds the gradient of the sum of a batch's losses, divided by a number of targets: that of all
   * batches whose gradients are added.
   */
  public Loss addGradients(int[] inputs, int[] targets, int batch, int steps, int allTargets) {
    check.require(inputs, targets, batch, steps);
    return addGradients(Batch.of(inputs, targets, steps), allTargets);
  }

  /** The same of a batch of any kind; of pairs, the number is that of all pairs. */
  public Loss addGradients(Batch batch, int all) {
    check.require(batch);
    if (criterion.needsTeacher() && batch.teacher().count() == 0) {
      throw new IllegalArgumentException("the loss needs a teacher, and the batch has none");
    }
    return inParts(batch, part -> addGradients(part, 1f / all));
  }

  /** Returns what is added to the loss besides the losses of the batch. */
  private double addGradients(Batch batch, float scale) {
    int[] inputs = batch.inputs();
    Pass pass = objective.training(batch, step, rows);
    int[] seen = context(inputs, pass);
    rows += pass.rows();
    stack.forward(parameters, seen, pass);
    double balance = balance(pass.unpadded(), count(batch), scale);
    head.forwardBackward(parameters, gradients, fresh, batch, scale, stack.activations());
    stack.backward(new Backward(parameters, gradients, fresh, pass), seen);
    fresh = false;
    return balance;
  }

  /** The balance of experts in the last pass, as a sum over targets; prepares its gradient. */
  private double balance(int rows, int targets, float scale) {
    MixtureActivations.Gradients mixtures = stack.activations().mixtures();
    if (mixtures == null || config.balance() == 0 || rows == 0) {
      return 0;
    }
    Balance.prepare(mixtures, rows, (double) config.balance() * targets * scale);
    return Balance.loss(mixtures, rows, (double) config.balance() * targets);
  }

  /** Sequences of a batch that go through the model together, so that what they need is reused. */
  public static int together(int batch, int steps) {
    int max = Math.max(1, ROWS / steps);
    int parts = (batch + max - 1) / max;
    return (batch + parts - 1) / parts;
  }

  /**
   * Work on some sequences of a batch, which leaves their losses in the activations and returns
   * what is added to these.
   */
  private interface Part {
    double run(Batch part);
  }

  /** Ends early at a loss that is not finite, for {@link #firstNotFinite}. */
  private Loss inParts(Batch batch, Part part) {
    int size = together(batch.size(), batch.steps()) * batch.steps();
    Loss loss = new Loss(0, 0, 0, 0);
    for (int from = 0; from < batch.rows() && Double.isFinite(loss.sum()); from += size) {
      Batch some = batch.rows(from, Math.min(batch.rows(), from + size));
      double added = part.run(some);
      passed = some.rows();
      loss = loss.plus(loss(some, added));
    }
    return loss;
  }

  /**
   * What the model sees in training: the inputs, or with scheduled sampling some of its own
   * predictions in their place. What begins a document or a window, and padding, stays.
   */
  int[] context(int[] inputs, Pass pass) {
    if (objective.sampling().probability(step) == 0) {
      return inputs;
    }
    ScheduledSampling sampling = objective.sampling();
    int[] mixed = inputs.clone();
    double[] draws = new double[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      boolean free = pass.position(row) > 0 && objective.counts(inputs[row]);
      draws[row] =
          free && sampling.replaces(step, rows + row) ? sampling.draw(step, rows + row) : -1;
    }
    stack.forward(parameters, inputs, pass.whole());
    head.drawNext(parameters, draws, mixed, stack.activations());
    return mixed;
  }

  /**
   * The logits [V] of the token that follows these.
   *
   * @param tokens at least 1, at most the context length
   * @throws IllegalArgumentException if sizes or ids do not fit
   */
  public float[] logits(int[] tokens) {
    int[] targets = new int[tokens.length];
    check.require(tokens, targets, 1, tokens.length);
    compute.forgetRounded();
    stack.forward(
        parameters, tokens, objective.measuring(Batch.of(tokens, targets, tokens.length)));
    return head.logits(parameters, tokens.length - 1, stack.activations());
  }

  /** The first part of the model that gave numbers that are not finite in the last pass. */
  public Optional<String> firstNotFinite() {
    return stack.activations().firstNotFinite(compute.kernels(), passed * config.hiddenSize());
  }

  private Loss loss(Batch batch, double added) {
    Activations a = stack.activations();
    double sum = added;
    int hits = 0;
    int count = count(batch);
    double margins = criterion.comparesPairs() ? a.margins : 0;
    for (int r = 0; r < batch.rows(); r++) {
      sum += a.losses[r];
      hits += a.hits[r] ? 1 : 0;
    }
    return new Loss(sum, count, hits, margins);
  }
}
