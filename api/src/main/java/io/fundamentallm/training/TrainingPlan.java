package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to train and how. Immutable and thread-safe. The defaults are a small character model; see
 * each property.
 *
 * <p>The model is a decoder-only transformer in one of two styles, see {@link #architecture()}. It
 * is fitted by AdamW (Loshchilov and Hutter, 2019) unless the plan says otherwise.
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

  /**
   * The {@code model_type} of config.json: {@code gpt2} (Radford et al., 2019: LayerNorm, GELU,
   * learned positions, biases, tied embeddings), the default; or {@code llama} (Touvron et al.,
   * 2023: RMSNorm, SwiGLU, rotary positions, no biases).
   */
  public String architecture() {
    return values.architecture;
  }

  /** The number of transformer layers; default 4. */
  public int layers() {
    return values.layers;
  }

  /** The number of attention heads; default 4. */
  public int heads() {
    return values.heads;
  }

  /** The heads of keys and values, of which heads is a multiple; default heads. */
  public int keyValueHeads() {
    return values.keyValueHeads == 0 ? values.heads : values.keyValueHeads;
  }

  /**
   * The width inside the feed-forward layers; default 4·C for gpt2, and 8/3·C, up to the next
   * multiple of 32, for llama, whose layers then have about as many weights.
   */
  public int innerSize() {
    if (values.innerSize > 0) {
      return values.innerSize;
    }
    int c = values.hiddenSize;
    return values.architecture.equals("llama") ? (8 * c / 3 + 31) / 32 * 32 : 4 * c;
  }

  /** Whether the token embedding is the language-model head too; default true, always for gpt2. */
  public boolean tiedEmbeddings() {
    return values.tiedEmbeddings;
  }

  /**
   * How a gpt2 model knows positions: {@code learned}, the default, or {@code sinusoidal} (Vaswani
   * et al., 2017), a fixed table, written as such. A llama's are rotary.
   */
  public String positions() {
    return values.positions;
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

  /**
   * Batches whose gradients are added before each update; default 1. As one batch of so many times
   * the size, in the memory of one.
   */
  public int accumulation() {
    return values.accumulation;
  }

  /** Steps between checkpoints, besides which the last step has one; 0, the default, for none. */
  public int checkpointInterval() {
    return values.checkpointInterval;
  }

  /** How many checkpoints are kept, the last ones; default 2. */
  public int keptCheckpoints() {
    return values.keptCheckpoints;
  }

  /**
   * Whether to go on from the last checkpoint in the model directory where there is one; default
   * false. The result is, bit for bit, that of a training that was never stopped. So the checkpoint
   * knows what that depends on, the plan, the tokenizer and the tokens, and is refused where one of
   * them differs that is not named as {@link #changed()}. Of more than 2^22 tokens their number and
   * blocks spread over them are compared. Free are the directory, how often there are checkpoints
   * and how many are kept, the sample of an evaluation, whether adapters are merged in the end
   * ({@link FineTuning.Lora#merged()}), and where neither {@link Validation#keepBest()} nor {@link
   * Validation#patience()} asks for more, when and on how many windows it is taken.
   */
  public boolean resume() {
    return values.resume;
  }

  /**
   * What may differ from the checkpoint that is resumed, by the name of the property: {@code
   * steps}, {@code learningRate}, {@code validation.interval}, {@code objective.dropout}, {@code
   * data.training}; default nothing. The training then goes on from the checkpoint's weights and
   * optimiser as if the new plan had been that of all steps: step i has the learning rate and the
   * windows that the new plan gives it. So with more steps the learning rate jumps to where the
   * longer schedule has it then. Where evaluations no longer measure the same, as with other
   * validation tokens, the best loss and patience begin anew.
   *
   * <p>Shape, context length, optimiser, averaging, and the model to start from cannot change.
   */
  public Set<String> changed() {
    return values.changed;
  }

  /** Updates of the weights; default 2,000. */
  public int steps() {
    return values.steps;
  }

  /**
   * What turns gradients into updates, as a spec (the grammar stands at {@link Spec}); default
   * {@code adamw}. With the trainer of fundamentallm-runtime-cpu: {@code
   * adamw(beta1,beta2,epsilon)} (Loshchilov and Hutter, 2019), {@code lion(beta1,beta2)} (Chen et
   * al., 2023), {@code muon(momentum)} for matrices and AdamW for the rest (Jordan et al., 2024),
   * {@code sgd(momentum,nesterov)}.
   */
  public String optimizer() {
    return values.optimizer;
  }

  /**
   * The way of the learning rate after the warm-up, as a spec; default {@code cosine}. Also {@code
   * linear}, {@code constant}, and {@code wsd(decay=0.2)}: the highest rate until that part of all
   * steps is left, then linear.
   */
  public String schedule() {
    return values.schedule;
  }

  /** The highest learning rate, reached after the warm-up; default 1e-3. */
  public double learningRate() {
    return values.learningRate;
  }

  /** The learning rate at the last step; default 1e-4. */
  public double minimumLearningRate() {
    return values.minimumLearningRate;
  }

  /** Steps over which the learning rate rises linearly from 0; default 100. */
  public int warmupSteps() {
    return values.warmupSteps;
  }

  /** Decoupled weight decay, of matrices that are not {@link #undecayed()}; default 0.1. */
  public double weightDecay() {
    return values.weightDecay;
  }

  /**
   * Matrices without weight decay, by Hugging Face's name, {@code *} standing for anything: {@code
   * transformer.wpe.weight}; default none. Biases and norms never decay.
   */
  public List<String> undecayed() {
    return values.undecayed;
  }

  /**
   * Which average of the weights is measured, and is the result, as a spec: {@code none}, the
   * default, for the weights themselves; {@code ema(decay=0.999)}, the exponential moving average
   * (Polyak and Juditsky, 1992) over the steps, of as many as there were until there are enough. A
   * checkpoint's model is the average, its training state holds the weights themselves.
   */
  public String averaging() {
    return values.averaging;
  }

  /** The largest norm of all gradients together; larger ones are scaled down. Default 1. */
  public double gradientClip() {
    return values.gradientClip;
  }

  /** When the validation tokens are looked at, and what follows; default every 250 steps. */
  public Validation validation() {
    return values.validation;
  }

  /** What is minimised; default plain maximum likelihood. */
  public TrainingObjective objective() {
    return values.objective;
  }

  /** The model to start from; default none: a new one. */
  public Optional<FineTuning> fineTuning() {
    return values.fineTuning;
  }

  /**
   * How windows are cut from the tokens, as a spec; default {@code random}: anywhere. Also {@code
   * chunks}, one after the other in an order that is shuffled in every epoch; {@code
   * sliding(stride=S)}, the same with windows that overlap; {@code documents}, each document cut by
   * itself and padded.
   */
  public String windows() {
    return values.windows;
  }

  /** Decides the first weights and the order of windows; default 1337. */
  public long seed() {
    return values.seed;
  }

  /** Collects a plan. Every setter checks its range. One thread at a time. */
  public static final class Builder {
    private final Path modelDirectory;
    private String architecture = "gpt2";
    private String positions = "learned";
    private int keyValueHeads;
    private int innerSize;
    private boolean tiedEmbeddings = true;
    private int layers = 4;
    private int heads = 4;
    private int hiddenSize = 128;
    private int contextLength = 64;
    private int batchSize = 12;
    private int accumulation = 1;
    private int checkpointInterval;
    private int keptCheckpoints = 2;
    private boolean resume;
    private Set<String> changed = Set.of();
    private int steps = 2000;
    private String optimizer = "adamw";
    private String schedule = "cosine";
    private double learningRate = 1e-3;
    private double minimumLearningRate = 1e-4;
    private int warmupSteps = 100;
    private double weightDecay = 0.1;
    private double gradientClip = 1;
    private List<String> undecayed = List.of();
    private String averaging = "none";
    private Validation validation = Validation.DEFAULT;
    private TrainingObjective objective = TrainingObjective.MAXIMUM_LIKELIHOOD;
    private Optional<FineTuning> fineTuning = Optional.empty();
    private String windows = "random";
    private long seed = 1337;

    private Builder(Path modelDirectory) {
      this.modelDirectory = requireNonNull(modelDirectory, "modelDirectory");
    }

    private Builder(Builder other) {
      modelDirectory = other.modelDirectory;
      architecture = other.architecture;
      positions = other.positions;
      keyValueHeads = other.keyValueHeads;
      innerSize = other.innerSize;
      tiedEmbeddings = other.tiedEmbeddings;
      layers = other.layers;
      heads = other.heads;
      hiddenSize = other.hiddenSize;
      contextLength = other.contextLength;
      batchSize = other.batchSize;
      accumulation = other.accumulation;
      checkpointInterval = other.checkpointInterval;
      keptCheckpoints = other.keptCheckpoints;
      resume = other.resume;
      changed = other.changed;
      steps = other.steps;
      optimizer = other.optimizer;
      schedule = other.schedule;
      learningRate = other.learningRate;
      minimumLearningRate = other.minimumLearningRate;
      warmupSteps = other.warmupSteps;
      weightDecay = other.weightDecay;
      gradientClip = other.gradientClip;
      undecayed = other.undecayed;
      averaging = other.averaging;
      validation = other.validation;
      objective = other.objective;
      fineTuning = other.fineTuning;
      windows = other.windows;
      seed = other.seed;
    }

    /** See {@link TrainingPlan#architecture()}. */
    public Builder architecture(String architecture) {
      if (!architecture.equals("gpt2") && !architecture.equals("llama")) {
        throw new IllegalArgumentException(
            "architecture \"" + architecture + "\" is not trained here; expected gpt2 or llama");
      }
      this.architecture = architecture;
      return this;
    }

    /** See {@link TrainingPlan#positions()}. */
    public Builder positions(String positions) {
      if (!positions.equals("learned") && !positions.equals("sinusoidal")) {
        throw new IllegalArgumentException(
            "positions \"" + positions + "\" are not known; expected learned or sinusoidal");
      }
      this.positions = positions;
      return this;
    }

    /** See {@link TrainingPlan#keyValueHeads()}. */
    public Builder keyValueHeads(int keyValueHeads) {
      this.keyValueHeads = positive("keyValueHeads", keyValueHeads);
      return this;
    }

    /** See {@link TrainingPlan#innerSize()}. */
    public Builder innerSize(int innerSize) {
      this.innerSize = positive("innerSize", innerSize);
      return this;
    }

    /** See {@link TrainingPlan#tiedEmbeddings()}. */
    public Builder tiedEmbeddings(boolean tiedEmbeddings) {
      this.tiedEmbeddings = tiedEmbeddings;
      return this;
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

    /** See {@link TrainingPlan#accumulation()}. */
    public Builder accumulation(int accumulation) {
      this.accumulation = positive("accumulation", accumulation);
      return this;
    }

    /**
     * See {@link TrainingPlan#checkpointInterval()} and {@link TrainingPlan#keptCheckpoints()}.
     *
     * @param interval at least 1
     * @param kept at least 1
     */
    public Builder checkpoints(int interval, int kept) {
      this.checkpointInterval = positive("checkpointInterval", interval);
      this.keptCheckpoints = positive("keptCheckpoints", kept);
      return this;
    }

    /** See {@link TrainingPlan#resume()}. */
    public Builder resume(boolean resume) {
      this.resume = resume;
      return this;
    }

    /** See {@link TrainingPlan#changed()}. */
    public Builder changed(String... names) {
      this.changed = Set.copyOf(List.of(names));
      return this;
    }

    /** See {@link TrainingPlan#steps()}. */
    public Builder steps(int steps) {
      this.steps = positive("steps", steps);
      return this;
    }

    /** See {@link TrainingPlan#optimizer()}. */
    public Builder optimizer(String spec) {
      Spec.single(spec);
      this.optimizer = spec;
      return this;
    }

    /** See {@link TrainingPlan#schedule()}. */
    public Builder schedule(String spec) {
      Spec.single(spec);
      this.schedule = spec;
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

    /** See {@link TrainingPlan#undecayed()}. */
    public Builder undecayed(String... names) {
      this.undecayed = List.of(names);
      return this;
    }

    /** See {@link TrainingPlan#averaging()}. */
    public Builder averaging(String spec) {
      Spec.single(spec);
      this.averaging = spec;
      return this;
    }

    /** See {@link TrainingPlan#validation()}. */
    public Builder validation(Validation validation) {
      this.validation = requireNonNull(validation, "validation");
      return this;
    }

    /** See {@link TrainingPlan#objective()}. */
    public Builder objective(TrainingObjective objective) {
      this.objective = requireNonNull(objective, "objective");
      return this;
    }

    /** See {@link TrainingPlan#fineTuning()}. */
    public Builder fineTuning(FineTuning fineTuning) {
      this.fineTuning = Optional.of(fineTuning);
      return this;
    }

    /** See {@link TrainingPlan#windows()}. */
    public Builder windows(String spec) {
      Spec.single(spec);
      this.windows = spec;
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
     * @throws IllegalArgumentException unless hiddenSize is a multiple of heads and these of
     *     keyValueHeads, or where the architecture cannot have what was asked for
     */
    public TrainingPlan build() {
      if (hiddenSize % heads != 0) {
        throw new IllegalArgumentException(
            "hiddenSize " + hiddenSize + " is not a multiple of " + heads + " heads");
      }
      if (keyValueHeads > 0 && heads % keyValueHeads != 0) {
        throw new IllegalArgumentException(
            "heads " + heads + " is not a multiple of " + keyValueHeads + " keyValueHeads");
      }
      if (architecture.equals("gpt2")
          && (!tiedEmbeddings || (keyValueHeads > 0 && keyValueHeads != heads))) {
        throw new IllegalArgumentException(
            "gpt2 has tied embeddings and as many keyValueHeads as heads; choose llama for others");
      }
      if (architecture.equals("llama") && positions.equals("sinusoidal")) {
        throw new IllegalArgumentException(
            "llama has rotary positions; choose gpt2 for sinusoidal");
      }
      if (architecture.equals("llama") && hiddenSize / heads % 2 != 0) {
        throw new IllegalArgumentException(
            "hiddenSize / heads is "
                + hiddenSize / heads
                + ", but llama's turn in pairs of channels");
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
