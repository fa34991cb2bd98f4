package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to train and how. Immutable and thread-safe.
 *
 * <p>A plan that names neither an architecture nor a model to start from is <i>automatic</i>: the
 * trainer chooses the model's size, and how many steps fit into the {@link #budget()}. What is set
 * stays as it is set. {@link TrainingListener#onPlan} receives what was chosen. In other plans all
 * that is not set has a fixed default, and only the steps follow a budget, if there is one.
 *
 * <p>A <i>step</i> is one update of the weights by the optimizer. Architecture, optimizer,
 * schedule, precision, averaging and windows are recipes: a name with options, in the notation of
 * {@link Spec}. The plan checks only the notation. Which names and options exist is up to the
 * trainer; {@link Trainer#check} refuses those that it doesn't know.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TrainingPlan plan =
 *     TrainingPlan.builder(Path.of("planned"))
 *         .architecture("llama(layers=2,heads=2,hidden-size=64)").contextLength(256).steps(1_000)
 *         .checkpoints(500, 2).resume() // goes on after a stop or a kill
 *         .build();
 * }</pre>
 */
public final class TrainingPlan {
  /** The architecture of an automatic plan. */
  public static final String AUTO = "auto";

  private final PlanValues values;

  private TrainingPlan(PlanValues values) {
    this.values = values;
  }

  /**
   * Begins a plan.
   *
   * @param modelDirectory where the trained model is written; created if it is missing. A model
   *     that was trained there is replaced, unless there are checkpoints of its training: they are
   *     only continued. A directory with other files is refused, unless the plan {@linkplain
   *     Builder#overwrite() overwrites}
   */
  public static Builder builder(Path modelDirectory) {
    return new Builder(new PlanValues(requireNonNull(modelDirectory, "modelDirectory")));
  }

  /**
   * Begins a plan that teaches a model to answer, from {@link Conversations}: five epochs, windows
   * of 256 tokens, four at a time, {@code adamw} without weight decay, and a learning rate that
   * falls to zero from 1e-3, or from 5e-3 for adapters. These are rates for models of some million
   * weights; those of hundreds of millions take a tenth. A model with fewer positions than 256
   * needs its own {@link Builder#contextLength}.
   *
   * @param modelDirectory where the tuned model is written
   * @param from the model to start from, and what of it is trained
   */
  public static Builder supervised(Path modelDirectory, FineTuning from) {
    return tuning(modelDirectory, from, 5, from.lora().isEmpty() ? 1e-3 : 5e-3);
  }

  /**
   * Begins a plan that teaches a model what people prefer, from {@link Preferences}: as {@link
   * #supervised}, but one epoch of {@link TrainingObjective#loss()} {@code dpo} at a tenth of the
   * rates.
   */
  public static Builder preferences(Path modelDirectory, FineTuning from) {
    return tuning(modelDirectory, from, 1, from.lora().isEmpty() ? 1e-4 : 5e-4)
        .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss("dpo"));
  }

  private static Builder tuning(Path modelDirectory, FineTuning from, int epochs, double rate) {
    Builder builder = builder(modelDirectory);
    builder.values.epochs = epochs; // not set: a budget takes their place
    builder.values.usualWarmup = 10; // a tenth of few steps takes their place
    return builder
        .fineTuning(from)
        .contextLength(256)
        .batchSize(4)
        .learningRate(rate, 0)
        .weightDecay(0);
  }

  /** A builder that starts from this plan. */
  public Builder toBuilder() {
    return new Builder(values.copy());
  }

  /** Where the trained model is written. */
  public Path modelDirectory() {
    return values.modelDirectory;
  }

  /**
   * Whether the model directory may have files that no training wrote, such as another model's,
   * which are then replaced; default false.
   */
  public boolean overwrites() {
    return values.overwrite;
  }

  /**
   * What the trainer chooses, by the names of these properties: {@code architecture}, {@code
   * objective.dropout}, {@code validation} and {@code warmupSteps} in an automatic plan, unless
   * set; {@code steps} and {@code warmupSteps} where there are {@linkplain #epochs() epochs} or a
   * budget instead, unless set.
   */
  public Set<String> open() {
    return values.open();
  }

  /**
   * How long the training may take on the machine where it runs, evaluations included. The trainer
   * measures for a moment how long a step takes, and chooses the steps, at least ten. It chooses
   * them anew on the way as steps turn out to be faster or slower, so that the schedule ends with
   * the budget; with {@linkplain TrainingObjective#scheduledSampling() scheduled sampling}, which
   * depends on the steps, it doesn't. In a JVM that has just started the measuring takes some five
   * seconds, so a budget under ten leaves few steps or is exceeded. Where steps are set, the budget
   * has no effect. Checkpoints hold the steps, so a training that resumes takes as many to the same
   * bits. Default: a minute in an automatic plan without steps, otherwise none.
   */
  public Optional<Duration> budget() {
    return values.budget;
  }

  /**
   * How many times the training sees all windows of its tokens; 0, the default, where steps or a
   * budget say how long it takes. Set steps take precedence over epochs, and set epochs over a
   * budget; a budget takes the place of those that {@link #supervised} and {@link #preferences}
   * begin with.
   */
  public int epochs() {
    return values.epochs;
  }

  /**
   * The model and its sizes, as a recipe; default {@link #AUTO}. A model that is {@linkplain
   * #fineTuning() started from} keeps its own, whatever is set here.
   */
  public String architecture() {
    return values.architecture;
  }

  /**
   * T: the most tokens that the model sees, and the length of a training window; default 64, in an
   * automatic plan 256.
   */
  public int contextLength() {
    return values.contextLength;
  }

  /** B: windows in a batch; default 12, in an automatic plan 4. */
  public int batchSize() {
    return values.batchSize;
  }

  /** Batches whose gradients are summed for each step, in the memory of one; default 1. */
  public int accumulation() {
    return values.accumulation;
  }

  /**
   * How windows are cut from the tokens, as a recipe; default {@code random}: anywhere in a text;
   * in an automatic plan {@code shifted}: in each epoch all of the text but for its ends, in
   * windows that begin elsewhere. For examples, such as {@link Conversations}, both mean as many in
   * a window as it holds.
   */
  public String windows() {
    return values.windows;
  }

  /**
   * How many times the weights are updated; default 2,000. While they are {@linkplain #open()
   * open}, this is not what they will be.
   */
  public int steps() {
    return values.steps;
  }

  /**
   * What turns gradients into updates, as a recipe; default {@code adamw}, in an automatic plan
   * {@code muon}.
   */
  public String optimizer() {
    return values.optimizer;
  }

  /** The course of the learning rate after the warm-up, as a recipe; default {@code cosine}. */
  public String schedule() {
    return values.schedule;
  }

  /**
   * The highest learning rate, reached after the warm-up; default 1e-3, in an automatic plan with
   * {@code muon} 1e-2.
   */
  public double learningRate() {
    return values.learningRate;
  }

  /** The learning rate at the last step; default 1e-4, in an automatic plan with {@code muon} 0. */
  public double minimumLearningRate() {
    return values.minimumLearningRate;
  }

  /**
   * Steps over which the learning rate rises linearly from 0; default 100, in an automatic plan 50,
   * in one for {@linkplain #supervised answers} or {@linkplain #preferences preferences} 10, in any
   * plan a tenth of the steps if that is less.
   */
  public int warmupSteps() {
    return values.warmupSteps;
  }

  /**
   * Decoupled weight decay of matrices that are not {@link #undecayed()}; default 0.1, in an
   * automatic plan 0.5.
   */
  public double weightDecay() {
    return values.weightDecay;
  }

  /**
   * Matrices without weight decay, named as in {@link FineTuning#frozen()}; default none. Biases
   * and norms never decay.
   */
  public List<String> undecayed() {
    return values.undecayed;
  }

  /** The largest norm of all gradients together; larger ones are scaled down. Default 1. */
  public double gradientClip() {
    return values.gradientClip;
  }

  /**
   * In which numbers large products are computed, as a recipe; default {@code f32}. With {@code
   * bf16} (mixed precision, Micikevicius et al. 2018) their operands are rounded to the upper half
   * of a 32-bit float; weights, sums, and everything else keep 32 bits.
   */
  public String precision() {
    return values.precision;
  }

  /**
   * How much of the forward pass is kept for the backward pass, as a recipe; default {@code full}.
   * With {@code low} only the inputs of each layer are kept, and the rest is computed again
   * (activation checkpointing, Chen et al. 2016): the same bits in less memory and up to a third
   * more time. It may change when a training is resumed.
   */
  public String memory() {
    return values.memory;
  }

  /** Which average of the weights is evaluated and returned, as a recipe; default none. */
  public String averaging() {
    return values.averaging;
  }

  /**
   * What training minimises; default plain maximum likelihood, in an automatic plan with dropout
   * where it reads its text many times.
   */
  public TrainingObjective objective() {
    return values.objective;
  }

  /**
   * When the model is evaluated on the validation tokens, and what follows; default every 250
   * steps, in an automatic plan ten times.
   */
  public Validation validation() {
    return values.validation;
  }

  /** When checkpoints are written, and whether to resume from one; default neither. */
  public Checkpointing checkpoints() {
    return values.checkpoints;
  }

  /** The model to start from; default none, for a new one. */
  public Optional<FineTuning> fineTuning() {
    return values.fineTuning;
  }

  /** What the model's card says; default {@link ModelCard#DEFAULT}. */
  public ModelCard card() {
    return values.card;
  }

  /** Determines the initial weights and the order of windows; default 1337. */
  public long seed() {
    return values.seed;
  }

  /** Model, windows, optimizer and steps, in one line. */
  @Override
  public String toString() {
    return PlanRows.summary(this);
  }

  /** Collects a plan. Every setter checks its range. One thread at a time. */
  public static final class Builder {
    private final PlanValues values;

    private Builder(PlanValues values) {
      this.values = values;
    }

    /** Another directory than the one that the builder began with: for a variant of a plan. */
    public Builder modelDirectory(Path modelDirectory) {
      values.modelDirectory = requireNonNull(modelDirectory, "modelDirectory");
      return this;
    }

    /**
     * Replaces files of the same names that no training wrote. Others stay where they are; those of
     * another tokenizer, which would be loaded in place of the model's own, are still refused.
     */
    public Builder overwrite() {
      values.overwrite = true;
      return this;
    }

    /** See {@link TrainingPlan#architecture()}. */
    public Builder architecture(String recipe) {
      values.give("architecture");
      values.architecture = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#contextLength()}. */
    public Builder contextLength(int contextLength) {
      values.give("contextLength");
      values.contextLength = positive("contextLength", contextLength);
      return this;
    }

    /** See {@link TrainingPlan#batchSize()}. */
    public Builder batchSize(int batchSize) {
      values.give("batchSize");
      values.batchSize = positive("batchSize", batchSize);
      return this;
    }

    /**
     * See {@link TrainingPlan#budget()}; {@link #steps} and {@link #epochs} take precedence.
     *
     * @param budget above zero
     */
    public Builder budget(Duration budget) {
      requireNonNull(budget, "budget");
      require(!budget.isZero() && !budget.isNegative(), "budget " + budget + " is not above 0");
      values.budget = Optional.of(budget);
      if (!values.isGiven("epochs")) {
        values.epochs = 0;
      }
      return this;
    }

    /** See {@link TrainingPlan#epochs()}. */
    public Builder epochs(int epochs) {
      values.give("epochs");
      values.epochs = positive("epochs", epochs);
      return this;
    }

    /** See {@link TrainingPlan#accumulation()}. */
    public Builder accumulation(int accumulation) {
      values.accumulation = positive("accumulation", accumulation);
      return this;
    }

    /** See {@link TrainingPlan#windows()}. */
    public Builder windows(String recipe) {
      values.give("windows");
      values.windows = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#steps()}. */
    public Builder steps(int steps) {
      values.give("steps");
      values.steps = positive("steps", steps);
      return this;
    }

    /** See {@link TrainingPlan#optimizer()}. */
    public Builder optimizer(String recipe) {
      values.give("optimizer");
      values.optimizer = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#schedule()}. */
    public Builder schedule(String recipe) {
      values.schedule = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#learningRate()} and {@link TrainingPlan#minimumLearningRate()}. */
    public Builder learningRate(double highest, double minimum) {
      values.give("learningRate");
      require(
          minimum >= 0 && highest >= minimum && Double.isFinite(highest),
          "learning rates " + highest + " to " + minimum + ": expected 0 <= minimum <= highest");
      values.learningRate = highest;
      values.minimumLearningRate = minimum;
      return this;
    }

    /** See {@link TrainingPlan#warmupSteps()}. */
    public Builder warmupSteps(int warmupSteps) {
      values.give("warmupSteps");
      require(warmupSteps >= 0, "warmupSteps " + warmupSteps + " is negative");
      values.warmupSteps = warmupSteps;
      return this;
    }

    /** See {@link TrainingPlan#weightDecay()}; at least 0. */
    public Builder weightDecay(double weightDecay) {
      values.give("weightDecay");
      boolean valid = weightDecay >= 0 && Double.isFinite(weightDecay);
      require(valid, "weightDecay " + weightDecay + " is not at least 0");
      values.weightDecay = weightDecay;
      return this;
    }

    /** See {@link TrainingPlan#undecayed()}; replaces those named before. */
    public Builder undecayed(String... names) {
      values.undecayed = List.of(names);
      return this;
    }

    /** See {@link TrainingPlan#gradientClip()}; greater than 0, possibly infinite for none. */
    public Builder gradientClip(double gradientClip) {
      require(gradientClip > 0, "gradientClip " + gradientClip + " is not above 0");
      values.gradientClip = gradientClip;
      return this;
    }

    /** See {@link TrainingPlan#precision()}. */
    public Builder precision(String recipe) {
      values.precision = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#memory()}. */
    public Builder memory(String recipe) {
      values.memory = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#averaging()}. */
    public Builder averaging(String recipe) {
      values.averaging = parsed(recipe);
      return this;
    }

    /** See {@link TrainingPlan#objective()}. */
    public Builder objective(TrainingObjective objective) {
      values.give("objective.dropout");
      values.objective = requireNonNull(objective, "objective");
      return this;
    }

    /** See {@link TrainingPlan#validation()}. */
    public Builder validation(Validation validation) {
      values.give("validation");
      values.validation = requireNonNull(validation, "validation");
      return this;
    }

    /** See {@link Checkpointing#interval()} and {@link Checkpointing#kept()}. */
    public Builder checkpoints(int interval, int kept) {
      values.checkpoints = values.checkpoints.with(interval, kept);
      return this;
    }

    /** See {@link TrainingPlan#checkpoints()}. */
    public Builder checkpoints(Checkpointing checkpoints) {
      values.checkpoints = requireNonNull(checkpoints, "checkpoints");
      return this;
    }

    /** Resumes from the last checkpoint, if there is one; see {@link Checkpointing}. */
    public Builder resume(String... changed) {
      values.checkpoints = values.checkpoints.resumed(changed);
      return this;
    }

    /** See {@link TrainingPlan#fineTuning()}. */
    public Builder fineTuning(FineTuning fineTuning) {
      values.fineTuning = Optional.of(fineTuning);
      return this;
    }

    /** See {@link TrainingPlan#card()}. */
    public Builder card(ModelCard card) {
      values.card = requireNonNull(card, "card");
      return this;
    }

    /** See {@link TrainingPlan#seed()}. */
    public Builder seed(long seed) {
      values.seed = seed;
      return this;
    }

    /**
     * The finished plan, checked by the trainer that is to carry it out: names and options of
     * recipes, and whether sizes fit each other. Without it they are seen when the training begins,
     * which is after the texts were read.
     *
     * @throws IllegalArgumentException as {@link Trainer#check}
     */
    public TrainingPlan build(Trainer trainer) {
      TrainingPlan plan = build();
      trainer.check(plan);
      return plan;
    }

    /** The finished plan; of its recipes only the notation has been checked. */
    public TrainingPlan build() {
      return new TrainingPlan(values.settled());
    }

    private static String parsed(String recipe) {
      Spec.single(recipe);
      return recipe;
    }

    private static int positive(String name, int value) {
      require(value >= 1, name + " " + value + " is not at least 1");
      return value;
    }

    private static void require(boolean valid, String message) {
      if (!valid) {
        throw new IllegalArgumentException(message);
      }
    }
  }
}
