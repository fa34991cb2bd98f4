package io.fundamentallm.commandline;

import io.fundamentallm.training.ModelCard;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The fields of a {@link TrainingPlan} that a shell may set; the defaults are the plan's. */
final class PlanOptions {
  private static final TrainingPlan DEFAULTS = TrainingPlan.builder(Path.of("model")).build();

  @ArgGroup(validate = false, heading = "%nThe model:%n", order = 1)
  Shape shape = new Shape();

  @ArgGroup(validate = false, heading = "%nThe training:%n", order = 2)
  Schedule course = new Schedule();

  @ArgGroup(validate = false, heading = "%nValidation and checkpoints:%n", order = 3)
  Watch watch = new Watch();

  /** What the model is. */
  static final class Shape {
    @Option(
        names = "--architecture",
        paramLabel = "SPEC",
        description =
            "auto, the default, which suits the text and the budget; or gpt2 or llama, with options:"
                + " llama(layers=6,heads=8,hidden-size=256).")
    @Nullable String architecture;

    @Option(
        names = "--context-length",
        paramLabel = "N",
        description =
            "Tokens it sees at a time; by default 256 with auto and conversations, otherwise 64.")
    @Nullable Integer contextLength;
  }

  /** How it is trained. */
  static final class Schedule {
    @Option(
        names = "--budget",
        paramLabel = "TIME",
        converter = TimeOption.class,
        description =
            "How long it may take on this machine, such as 30s, 10m or 2h; by default a minute"
                + " with auto, unless there are steps.")
    @Nullable Duration budget;

    @Option(
        names = "--steps",
        paramLabel = "N",
        description = "Updates of the weights; by default as the budget allows, or 2,000.")
    @Nullable Integer steps;

    @Option(
        names = "--epochs",
        paramLabel = "N",
        description =
            "How often all is seen, unless --steps or --budget says how long; by default 5 with"
                + " --conversations, 1 with --preferences.")
    @Nullable Integer epochs;

    @Option(
        names = "--batch-size",
        paramLabel = "N",
        description =
            "Windows of text in a step; by default 4 with auto and conversations, otherwise 12.")
    @Nullable Integer batchSize;

    @Option(
        names = "--windows",
        paramLabel = "SPEC",
        description =
            "packed(long=skip) leaves out conversations that are too long; of texts random,"
                + " shifted, documents, …; by default shifted with auto, otherwise random.")
    @Nullable String windows;

    @Option(names = "--accumulation", paramLabel = "N", description = "Batches in a step.")
    int accumulation = DEFAULTS.accumulation();

    @Option(
        names = "--learning-rate",
        paramLabel = "RATE",
        description = "The highest; by default 0.01 with auto, otherwise 0.001.")
    @Nullable Double learningRate;

    @Option(
        names = "--minimum-learning-rate",
        paramLabel = "RATE",
        description = "The last; by default a tenth of --learning-rate if that is set.")
    @Nullable Double minimumLearningRate;

    @Option(
        names = "--warmup-steps",
        paramLabel = "N",
        description = "By default 50 with auto, otherwise 100; or a tenth of the steps if less.")
    @Nullable Integer warmupSteps;

    @Option(
        names = "--optimizer",
        paramLabel = "SPEC",
        description =
            "adamw, lion, muon or sgd, with options: lion(beta1=0.95). By default muon with"
                + " auto, otherwise adamw.")
    @Nullable String optimizer;

    @Option(
        names = "--schedule",
        paramLabel = "SPEC",
        description = "cosine, linear, constant or wsd(decay=0.2).")
    String schedule = DEFAULTS.schedule();

    @Option(
        names = "--dropout",
        paramLabel = "P",
        description =
            "In [0, 1); helps texts that are read many times. By default chosen with auto, otherwise"
                + " 0.")
    @Nullable Double dropout;

    @Option(names = "--seed", paramLabel = "N", description = "Same seed, same weights.")
    long seed = DEFAULTS.seed();
  }

  /** How it is monitored and saved. */
  static final class Watch {
    @Option(
        names = "--validation",
        paramLabel = "PART",
        description = "The part of the text, from its end, that is only measured; in [0, 1).")
    double validation = 0.1;

    @Option(
        names = "--validate-every",
        paramLabel = "STEPS",
        description = "By default ten times with auto, otherwise every 250 steps.")
    @Nullable Integer validateEvery;

    @Option(
        names = "--patience",
        paramLabel = "N",
        description = "Stop after this many evaluations without improvement; 0 for never.")
    int patience;

    @Option(
        names = "--keep-best",
        description = "The weights of the best evaluation are the result, not the last ones.",
        showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    boolean keepBest;

    @Option(
        names = "--checkpoint-every",
        paramLabel = "STEPS",
        description = "The last two are kept, in DIR/checkpoint-STEP; 0 for none.")
    int checkpointEvery = 250;

    @Option(
        names = "--license",
        paramLabel = "ID",
        description = "The model's, for its card, as the hub names it, such as apache-2.0.")
    String license = DEFAULTS.card().license();

    @Option(
        names = "--no-card",
        description = "Write no model card, DIR/README.md.",
        showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    boolean noCard;

    @Option(
        names = "--resume",
        description =
            "Go on from the last checkpoint in DIR; the rest of the command line is the same.",
        showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    boolean resume;

    @Option(
        names = "--changed",
        paramLabel = "NAME",
        split = ",",
        description =
            "With --resume, what differs from the checkpoint: steps, learningRate,"
                + " data.training for other text, …; the refusal names it.",
        showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    List<String> changed = List.of();
  }

  /**
   * The plan.
   *
   * @param plan begun, with what the options do not say
   * @throws IllegalArgumentException for a value out of range, or incompatible values
   */
  TrainingPlan plan(TrainingPlan.Builder plan) {
    if (!(watch.validation >= 0 && watch.validation < 1)) {
      throw new IllegalArgumentException("--validation " + watch.validation + " is not in [0, 1)");
    }
    if (!watch.resume && !watch.changed.isEmpty()) {
      throw new IllegalArgumentException(
          "--changed says what may differ when a training resumes: add --resume");
    }
    set("--architecture", shape.architecture, plan::architecture);
    plan.seed(course.seed)
        .card(watch.noCard ? ModelCard.none() : DEFAULTS.card().withLicense(watch.license));
    set("--accumulation", course.accumulation, plan::accumulation);
    set(
        "--dropout",
        course.dropout,
        dropout -> plan.objective(plan.build().objective().withDropout(dropout)));
    set(
        "--checkpoint-every",
        watch.checkpointEvery,
        every -> plan.checkpoints(every, DEFAULTS.checkpoints().kept()));
    set("--context-length", shape.contextLength, plan::contextLength);
    set("--budget", course.budget, plan::budget);
    set("--steps", course.steps, plan::steps);
    set("--epochs", course.epochs, plan::epochs);
    if (course.budget != null && course.epochs != null && course.steps == null) {
      throw new IllegalArgumentException("--budget does not go with --epochs: give one of them");
    }
    set("--batch-size", course.batchSize, plan::batchSize);
    set("--windows", course.windows, plan::windows);
    set("--optimizer", course.optimizer, plan::optimizer);
    set("--schedule", course.schedule, plan::schedule);
    set("--warmup-steps", course.warmupSteps, plan::warmupSteps);
    rates(plan);
    if (watch.validateEvery != null || watch.patience != 0 || watch.keepBest) {
      int every = orElse(watch.validateEvery, DEFAULTS.validation().interval());
      set("--validate-every", every, steps -> plan.validation(Validation.every(steps)));
      Validation validation = plan.build().validation().withKeepBest(watch.keepBest);
      set(
          "--patience",
          watch.patience,
          patience -> plan.validation(validation.withPatience(patience, 0)));
    }
    if (watch.resume) {
      plan.resume(watch.changed.toArray(String[]::new));
    }
    return plan.build();
  }

  /** Whether a budget is given to a training that resumes, and so has its steps. */
  boolean resumesBudget() {
    return watch.resume
        && course.budget != null
        && course.steps == null
        && !watch.changed.contains("epochs");
  }

  private void rates(TrainingPlan.Builder plan) {
    if (course.learningRate != null || course.minimumLearningRate != null) {
      double highest = orElse(course.learningRate, plan.build().learningRate());
      set(
          "--learning-rate, --minimum-learning-rate",
          orElse(course.minimumLearningRate, highest / 10),
          minimum -> plan.learningRate(highest, minimum));
    }
  }

  /** Sets what was given; a refusal speaks of the option and not of the plan's property. */
  private static <T> void set(String option, @Nullable T value, Consumer<T> setter) {
    if (value != null) {
      try {
        setter.accept(value);
      } catch (IllegalArgumentException e) {
        throw Wording.refused(option, e);
      }
    }
  }

  private static <T> T orElse(@Nullable T value, T defaultValue) {
    return value == null ? defaultValue : value;
  }
}
