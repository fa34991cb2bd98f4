package io.fundamentallm.spark;

import io.fundamentallm.Trainers;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * What an executor, which sees the tokens, tells before the first round: how many there are, and
 * what the trainer chooses for the first worker's share where the plan leaves it open. All workers
 * and the driver then have the same. A class, not a record, so that Kryo can carry it too.
 */
final class Beginning implements Serializable {
  private static final long serialVersionUID = 1;

  /** What all workers and the driver must have in common. */
  private static final Set<String> AGREED = Set.of("architecture", "steps");

  /** Of all workers. */
  final long tokens;

  private final String architecture;
  private final int steps;
  private final int warmupSteps;
  private final double dropout;

  /** Why the trainer refuses the share; empty if it does not. */
  private final String refusal;

  private Beginning(long tokens, TrainingPlan chosen, String refusal) {
    this.tokens = tokens;
    this.refusal = refusal;
    architecture = chosen.architecture();
    steps = chosen.steps();
    warmupSteps = chosen.warmupSteps();
    dropout = chosen.objective().dropout();
  }

  /**
   * Asks an executor.
   *
   * @param tokenizer its files, packed
   * @param tokens where executors find the files of tokens
   * @throws IllegalArgumentException if the trainer refuses the plan for a worker's share, or
   *     leaves open what workers must agree on
   */
  static Beginning of(JavaSparkContext spark, DilocoPlan plan, byte[] tokenizer, String tokens) {
    DilocoPlan.LocalPlan local = plan.bare();
    int workers = plan.workers();
    String trainer = plan.trainer().orElse(null);
    Beginning told =
        spark
            .parallelize(List.of(tokenizer), 1)
            .map(files -> onExecutor(local, trainer, files, tokens, workers))
            .first();
    if (!told.refusal.isEmpty()) {
      throw new IllegalArgumentException(
          "a worker's share of the "
              + told.tokens
              + " tokens, one of "
              + workers
              + ", cannot be trained on: "
              + told.refusal);
    }
    return told;
  }

  private static Beginning onExecutor(
      DilocoPlan.LocalPlan local,
      @Nullable String trainer,
      byte[] tokenizer,
      String tokens,
      int workers)
      throws IOException {
    Path folder = Files.createTempDirectory(Path.of(SparkFiles.getRootDirectory()), "diloco-");
    try {
      TrainingData share =
          InnerRound.data(tokenizer, tokens, 0, workers, folder.resolve("tokenizer"));
      Trainer found = trainer == null ? Trainers.configured() : Trainers.parse(trainer);
      Cancellation interrupted = TaskContext.get()::isInterrupted;
      TrainingPlan plan = local.in(folder.resolve("model"));
      int size = share.tokenizer().vocabulary().size();
      long all = TokenParts.open(ExecutorFiles.resolve(tokens), size).size();
      try {
        TrainingPlan chosen = found.choose(share, plan, interrupted);
        Set<String> open = new TreeSet<>(chosen.open());
        open.retainAll(AGREED);
        return new Beginning(
            all,
            chosen,
            open.isEmpty()
                ? ""
                : found.getClass().getName() + " does not choose " + String.join(", ", open));
      } catch (IllegalArgumentException e) {
        return new Beginning(all, plan, String.valueOf(e.getMessage()));
      }
    } finally {
      PackedFiles.delete(folder);
    }
  }

  /** The plan of a worker with what was chosen. */
  DilocoPlan.LocalPlan fix(DilocoPlan.LocalPlan plan) {
    return directory -> {
      TrainingPlan local = plan.in(directory);
      return local.toBuilder()
          .architecture(architecture)
          .steps(steps)
          .warmupSteps(warmupSteps)
          .objective(local.objective().withDropout(dropout))
          .build();
    };
  }
}
