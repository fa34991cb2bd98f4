package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * What to train and how. Immutable and thread-safe. The defaults are a small character model; see
 * each property.
 *
 * <p>The model is a decoder-only transformer in the style of GPT-2 (Radford et al., 2019): layer
 * norm before each block, GELU, learned positions, tied embeddings. It is fitted by AdamW
 * (Loshchilov and Hutter, 2019).
 */
public final class TrainingPlan {
  private final Builder values;

  private TrainingPlan(Builder values) {
    this.values = values;
  }

  /**
   * Begins a plan.
   *
   * @param modelDirectory where the trained model is written; made where it is missing
   */
  public static Builder builder(Path modelDirectory) {
    return new Builder(modelDirectory);
  }

  /** The same plan, to change. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Where the trained model is written. */
  public Path modelDirectory() {
    return values.modelDirectory;
  }

  /** The number of transformer layers; default 4. */
  public int layers() {
    return values.layers;
  }

  /** The number of attention heads; default 4. */
  public int heads() {
    return values.heads;
  }

  /** C: the width of a hidden state, a multiple of the heads; default 128. */
  public int hiddenSize() {
    return values.hiddenSize;
  }

  /** T: the most tokens the model sees, and the length of a training window; default 64. */
  public int contextLength() {
    return values.contextLength;
  }

  /** B: windows in a step; default 12. */
  public int batchSize() {
    return values.batchSize;
  }

  /** Updates of the weights; default 2,000. */
  public int steps() {
    return values.steps;
  }

  /** The highest learning rate, reached after the warm-up; default 1e-3. */
  public double learningRate() {
    return values.learningRate;
  }

  /** The learning rate at the last step, reached by a half cosine; default 1e-4. */
  public double minimumLearningRate() {
    return values.minimumLearningRate;
  }

  /** Steps over which the learning rate rises linearly from 0; default 100. */
  public int warmupSteps() {
    return values.warmupSteps;
  }

  /** Decay of AdamW's first moment; default 0.9. */
  public double beta1() {
    return values.beta1;
  }

  /** Decay of AdamW's second moment; default 0.99. */
  public double beta2() {
    return values.beta2;
  }

  /** Decoupled weight decay, of matrices only; default 0.1. */
  public double weightDecay() {
    return values.weightDecay;
  }

  /** The largest norm of all gradients together; larger ones are scaled down. Default 1. */
  public double gradientClip() {
    return values.gradientClip;
  }

  /** Steps between evaluations on a sample of the validation tokens; default 250. */
  public int evaluationInterval() {
    return values.evaluationInterval;
  }

  /** Decides the first weights and the order of windows; default 1337. */
  public long seed() {
    return values.seed;
  }

  /** Collects a plan. Every setter checks its range. One thread at a time. */
  public static final class Builder {
    private final Path modelDirectory;
    private int layers = 4;
    private int heads = 4;
    private int hiddenSize = 128;
    private int contextLength = 64;
    private int batchSize = 12;
    private int steps = 2000;
    private double learningRate = 1e-3;
    private double minimumLearningRate = 1e-4;
    private int warmupSteps = 100;
    private double beta1 = 0.9;
    private double beta2 = 0.99;
    private double weightDecay = 0.1;
    private double gradientClip = 1;
    private int evaluationInterval = 250;
    private long seed = 1337;

    private Builder(Path modelDirectory) {
      this.modelDirectory = requireNonNull(modelDirectory, "modelDirectory");
    }

    private Builder(Builder other) {
      modelDirectory = other.modelDirectory;
      layers = other.layers;
      heads = other.heads;
      hiddenSize = other.hiddenSize;
      contextLength = other.contextLength;
      batchSize = other.batchSize;
      steps = other.steps;
      learningRate = other.learningRate;
      minimumLearningRate = other.minimumLearningRate;
      warmupSteps = other.warmupSteps;
      beta1 = other.beta1;
      beta2 = other.beta2;
      weightDecay = other.weightDecay;
      gradientClip = other.gradientClip;
      evaluationInterval = other.evaluationInterval;
      seed = other.seed;
    }

    /** See {@link TrainingPlan#layers()}. */
    public Builder layers(int layers) {
      this.layers = positive("layers", layers);
      return this;
    }

    /** See {@link TrainingPlan#heads()}. */
    public Builder heads(int heads) {
      this.heads = positive("heads", heads);
      return this;
    }

    /** See {@link TrainingPlan#hiddenSize()}. */
    public Builder hiddenSize(int hiddenSize) {
      this.hiddenSize = positive("hiddenSize", hiddenSize);
      return this;
    }

    /** See {@link TrainingPlan#contextLength()}. */
    public Builder contextLength(int contextLength) {
      this.contextLength = positive("contextLength", contextLength);
      return this;
    }

    /** See {@link TrainingPlan#batchSize()}. */
    public Builder batchSize(int batchSize) {
      this.batchSize = positive("batchSize", batchSize);
      return this;
    }

    /** See {@link TrainingPlan#steps()}. */
    public Builder steps(int steps) {
      this.steps = positive("steps", steps);
      return this;
    }

    /** See {@link TrainingPlan#learningRate()} and {@link TrainingPlan#minimumLearningRate()}. */
    public Builder learningRate(double highest, double minimum) {
      if (!(minimum >= 0 && highest >= minimum && Double.isFinite(highest))) {
        throw new IllegalArgumentException(
            "learning rates " + highest + " to " + minimum + ": expected 0 <= minimum <= highest");
      }
      this.learningRate = highest;
      this.minimumLearningRate = minimum;
      return this;
    }

    /** See {@link TrainingPlan#warmupSteps()}. */
    public Builder warmupSteps(int warmupSteps) {
      if (warmupSteps < 0) {
        throw new IllegalArgumentException("warmupSteps " + warmupSteps + " is negative");
      }
      this.warmupSteps = warmupSteps;
      return this;
    }

    /** See {@link TrainingPlan#beta1()} and {@link TrainingPlan#beta2()}; both in [0, 1). */
    public Builder betas(double beta1, double beta2) {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException("betas " + beta1 + ", " + beta2 + " are not in [0, 1)");
      }
      this.beta1 = beta1;
      this.beta2 = beta2;
      return this;
    }

    /** See {@link TrainingPlan#weightDecay()}; at least 0. */
    public Builder weightDecay(double weightDecay) {
      if (!(weightDecay >= 0 && Double.isFinite(weightDecay))) {
        throw new IllegalArgumentException("weightDecay " + weightDecay + " is not at least 0");
      }
      this.weightDecay = weightDecay;
      return this;
    }

    /** See {@link TrainingPlan#gradientClip()}; greater than 0, possibly infinite for none. */
    public Builder gradientClip(double gradientClip) {
      if (!(gradientClip > 0)) {
        throw new IllegalArgumentException("gradientClip " + gradientClip + " is not above 0");
      }
      this.gradientClip = gradientClip;
      return this;
    }

    /** See {@link TrainingPlan#evaluationInterval()}. */
    public Builder evaluationInterval(int evaluationInterval) {
      this.evaluationInterval = positive("evaluationInterval", evaluationInterval);
      return this;
    }

    /** See {@link TrainingPlan#seed()}. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * The finished plan.
     *
     * @throws IllegalArgumentException unless hiddenSize is a multiple of heads
     */
    public TrainingPlan build() {
      if (hiddenSize % heads != 0) {
        throw new IllegalArgumentException(
            "hiddenSize " + hiddenSize + " is not a multiple of " + heads + " heads");
      }
      return new TrainingPlan(new Builder(this));
    }

    private static int positive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " " + value + " is not at least 1");
      }
      return value;
    }
  }
}
