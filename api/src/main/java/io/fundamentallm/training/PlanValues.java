package io.fundamentallm.training;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a plan and their defaults. They no longer change once a plan has them. */
final class PlanValues implements Cloneable {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  Path modelDirectory;
  boolean overwrite;

  /** What was set, by the name of its property. */
  private Set<String> given = new TreeSet<>();

  Optional<Duration> budget = Optional.empty();
  int epochs;
  String architecture = TrainingPlan.AUTO;
  int contextLength = 64;
  int batchSize = 12;
  int accumulation = 1;
  String windows = "random";
  int steps = 2000;
  String optimizer = "adamw";
  String schedule = "cosine";
  double learningRate = 1e-3;
  double minimumLearningRate = 1e-4;
  int usualWarmup = 100; // of many steps, where warmupSteps is not set
  int warmupSteps = usualWarmup;
  double weightDecay = 0.1;
  List<String> undecayed = List.of();
  double gradientClip = 1;
  String precision = "f32";
  String memory = "full";
  String averaging = "none";
  TrainingObjective objective = TrainingObjective.MAXIMUM_LIKELIHOOD;
  Validation validation = Validation.DEFAULT;
  Checkpointing checkpoints = Checkpointing.NONE;
  Optional<FineTuning> fineTuning = Optional.empty();
  ModelCard card = ModelCard.DEFAULT;
  long seed = 1337;

  PlanValues(Path modelDirectory) {
    this.modelDirectory = modelDirectory;
  }

  PlanValues copy() {
    try {
      PlanValues copy = (PlanValues) clone();
      copy.given = new TreeSet<>(given);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Notes that a property was set, and so is not for the trainer to choose. */
  void give(String property) {
    given.add(property);
  }

  boolean isGiven(String property) {
    return given.contains(property);
  }

  /** Whether the trainer chooses the model, and with it all that was not set. */
  boolean automatic() {
    return architecture.equals(TrainingPlan.AUTO) && fineTuning.isEmpty();
  }

  /** What the trainer chooses. */
  Set<String> open() {
    Set<String> open = new TreeSet<>();
    if (automatic()) {
      open.add("objective.dropout");
      open.add("validation");
      open.add("warmupSteps");
    }
    if (budget.isPresent() || epochs > 0) {
      open.add("steps");
      open.add("warmupSteps");
    }
    if (given.contains("steps") && !automatic()) {
      open.remove("warmupSteps"); // a part of the steps, which are known
    }
    open.removeAll(given);
    if (automatic()) {
      open.add("architecture"); // also where it was set to be automatic
    }
    return Set.copyOf(open);
  }

  /**
   * A copy; if it is automatic, with the recipe that was the best of those measured in
   * integration-tests/benchmarks, wherever nothing was set.
   */
  PlanValues settled() {
    PlanValues settled = copy();
    if (!given.contains("warmupSteps")) { // a short training, too, reaches its learning rate
      settled.warmupSteps = Math.min(automatic() ? 50 : usualWarmup, steps / 10);
    }
    if (!automatic()) {
      return settled;
    }
    if (!given.contains("steps") && budget.isEmpty() && epochs == 0) {
      settled.budget = Optional.of(MINUTE);
    }
    settled.contextLength = given.contains("contextLength") ? contextLength : 256;
    settled.batchSize = given.contains("batchSize") ? batchSize : 4;
    settled.windows = given.contains("windows") ? windows : "shifted";
    // five times what is usual: small texts are read several times over
    settled.weightDecay = given.contains("weightDecay") ? weightDecay : 0.5;
    if (!given.contains("optimizer")) {
      settled.optimizer = "muon";
      if (!given.contains("learningRate")) {
        settled.learningRate = 1e-2;
        settled.minimumLearningRate = 0;
      }
    }
    return settled;
  }
}
