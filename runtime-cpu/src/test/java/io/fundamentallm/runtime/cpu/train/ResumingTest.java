package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.contract.MortalFiles;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random plans, trained straight through and trained with cancellations, failing listeners and
 * kills at random moments: the same losses, the same evaluations and the same bits.
 */
@Tag("once")
class ResumingTest {
  /** Trainings that may end too early, before one may run to its end. */
  private static final int STOPS = 8;

  /** An interrupt in vain is nobody's cancellation. */
  private static final String[] WAYS = {
    "asked",
    "told",
    "thrown",
    "killed",
    "interrupted",
    "interrupted in a write",
    "interrupted in vain",
    "interrupted in a write in vain"
  };

  @TempDir private Path folder;

  private Path base;

  @Test
  void however_often_a_training_is_stopped_the_result_has_the_same_bits() throws IOException {
    compare(30, 1);
  }

  @Test
  @Tag("long")
  void five_hundred_trainings_that_are_stopped_have_the_same_bits() throws IOException {
    compare(500, 1000);
  }

  private void compare(int cases, long firstSeed) throws IOException {
    base = folder.resolve("base");
    new CpuTrainer(1)
        .train(data(new Random(0)), shape(TrainingPlan.builder(base)).steps(2).build());
    for (int i = 0; i < cases; i++) {
      new Case(firstSeed + i).compare();
    }
  }

  private static final String SIZES = "(layers=1,heads=2,hidden-size=4)";

  private static TrainingPlan.Builder shape(TrainingPlan.Builder plan) {
    return plan.architecture("gpt2" + SIZES).contextLength(4).batchSize(2).warmupSteps(0);
  }

  /** Documents of digits; those to validate with follow other rules, so that they get worse. */
  private static TrainingData data(Random random) {
    int[] training = random.ints(80, 0, 8).toArray();
    int[] validation = random.ints(40, 0, 6).toArray();
    for (int i = 0; i < training.length; i += 3 + random.nextInt(9)) {
      training[i] = 9;
    }
    validation[20] = 9;
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(training), TokenSequence.of(validation));
  }

  /** What is learned from, beside texts. */
  private enum Recipe {
    TEXT,
    REPLAY,
    EXAMPLES,
    PAIRS,
    TEACHER;

    static Recipe any(Random random) {
      return values()[random.nextInt(values().length)];
    }

    TrainingData data(Random random) {
      return switch (this) {
        case TEXT -> ResumingTest.data(random);
        case REPLAY ->
            ResumingTest.data(random)
                .withReplay(TokenSequence.of(random.ints(50, 0, 5).toArray()), 0.3);
        default ->
            new TrainingData(new DigitTokenizer(), examples(random, 20), examples(random, 6));
      };
    }

    /** Of at most four rows, so that a window holds a pair of the shortest. */
    private MarkedTokens examples(Random random, int count) {
      MarkedTokens tokens = new MarkedTokens();
      for (int i = 0; i < count; i++) {
        int length = this == PAIRS ? 3 : 2 + random.nextInt(4);
        tokens.add(random.ints(length, 0, 8).toArray(), 1, this != PAIRS || i % 2 == 0);
      }
      for (long i = 0; this == TEACHER && i < tokens.size(); i++) {
        int likeliest = random.nextInt(8);
        tokens.expect(new int[] {likeliest, 9 - likeliest}, new float[] {-0.5f, -1.5f});
      }
      return tokens;
    }

    String loss() {
      return switch (this) {
        case PAIRS -> "dpo(beta=0.5)";
        case TEACHER -> "distillation(temperature=2,share=0.6)";
        default -> "cross-entropy";
      };
    }
  }

  /** A plan and what comes between. */
  private final class Case {
    private final long seed;
    private final Random random;
    private final Recipe recipe;
    private final TrainingData data;
    private final Map<Integer, Double> losses = new HashMap<>();
    private final Map<String, TrainingListener.Evaluation> evaluations = new HashMap<>();
    private final List<String> ends = new ArrayList<>();

    Case(long seed) {
      this.seed = seed;
      random = new Random(seed);
      recipe = Recipe.any(random);
      data = recipe.data(random);
    }

    private TrainingPlan.Builder plan(Path directory) {
      Random r = new Random(seed);
      TrainingPlan.Builder plan =
          shape(TrainingPlan.builder(directory))
              .architecture(any(r, "gpt2", "llama") + SIZES)
              .steps(1 + r.nextInt(24))
              .accumulation(1 + r.nextInt(2))
              .warmupSteps(r.nextInt(4))
              .learningRate(0.05, 0.01)
              .seed(seed)
              .optimizer(any(r, "adamw", "lion", "muon", "sgd(momentum=0.8)"))
              .schedule(any(r, "cosine", "linear", "constant", "wsd(decay=0.3)"))
              .averaging(any(r, "none", "none", "ema(decay=0.7)"))
              .windows(
                  data.training().marks().isPresent()
                      ? any(r, "random", "shifted", "packed", "documents")
                      : any(r, "random", "shifted", "chunks", "sliding(stride=2)", "documents"))
              .objective(
                  TrainingObjective.MAXIMUM_LIKELIHOOD
                      .withLoss(recipe.loss())
                      .withDropout(r.nextInt(3) == 0 ? 0.2 : 0)
                      .withDocumentBoundaries(r.nextInt(4) == 0)
                      .withScheduledSampling(any(r, "none", "none", "linear(max=0.5)")))
              .validation(
                  Validation.every(1 + r.nextInt(7))
                      .withWindows(1 + r.nextInt(6))
                      .withPatience(r.nextInt(2) * (1 + r.nextInt(3)), r.nextInt(2) * 0.01)
                      .withKeepBest(r.nextInt(3) > 0)
                      .withSample("01", r.nextInt(2) * 3));
      int tuning = r.nextInt(recipe == Recipe.PAIRS ? 2 : 5);
      if (recipe == Recipe.PAIRS) {
        plan.objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss(recipe.loss()));
      }
      if (tuning == 0) {
        plan.fineTuning(FineTuning.of(base).withFrozen("transformer.wpe.weight"));
      } else if (tuning == 1) {
        boolean merged = r.nextBoolean();
        plan.fineTuning(
            new FineTuning(
                base, List.of(), Optional.of(new FineTuning.Lora(2, 4, List.of(), merged))));
      }
      return plan;
    }

    private static String any(Random random, String... values) {
      return values[random.nextInt(values.length)];
    }

    void compare() throws IOException {
      Path straight = folder.resolve(seed + "-straight");
      Path stopped = folder.resolve(seed + "-stopped");
      TrainingResult expected =
          new CpuTrainer(1).train(data, plan(straight).build(), new Recording());
      TrainingResult result = null;
      for (int i = 0; result == null; i++) {
        result = attempt(stopped, i);
      }
      assertThat(result.steps()).as(this::toString).isEqualTo(expected.steps());
      assertThat(result.trainingLoss()).as(this::toString).isEqualTo(expected.trainingLoss());
      assertThat(result.validationLoss()).as(this::toString).isEqualTo(expected.validationLoss());
      for (Path file : files(straight)) {
        assertThat(stopped.resolve(file.getFileName()))
            .as(this::toString)
            .hasSameBinaryContentAs(file);
      }
      assertThat(files(stopped)).as(this::toString).hasSameSizeAs(files(straight));
    }

    /** Trains on, until something comes between, or to the end. */
    private TrainingResult attempt(Path directory, int attempt) throws IOException {
      int before = lastCheckpoint(directory);
      int moment = random.nextInt(random.nextBoolean() ? 8 : 60);
      String end = attempt == STOPS ? "nothing" : any(random, WAYS);
      ends.add(end + " at " + moment + " after " + before);
      Path seen = directory;
      if (end.equals("killed")) {
        seen = new MortalFiles(moment * 2).path(directory);
      } else if (end.startsWith("interrupted in a write")) {
        seen = new MortalFiles(moment * 2, new Interrupt()).path(directory);
      }
      TrainingPlan plan =
          plan(seen).checkpoints(1 + random.nextInt(9), 1 + random.nextInt(3)).resume().build();
      int[] asked = {0};
      Comparing listener = new Comparing(end, moment, before);
      Cancellation cancellation =
          () ->
              listener.cancelled
                  || (end.equals("asked") && asked[0]++ >= moment)
                  || (end.startsWith("interrupted")
                      && !end.endsWith("in vain")
                      && Thread.currentThread().isInterrupted());
      TrainingResult[] result = new TrainingResult[1];
      Throwable thrown =
          catchThrowable(
              () -> result[0] = new CpuTrainer(1).train(data, plan, cancellation, listener));
      boolean interrupted = Thread.interrupted();
      assertThat(interrupted && !end.startsWith("interrupted")).as(this::toString).isFalse();
      if (thrown == null) {
        return result[0];
      }
      assertThat(thrown)
          .as(this::toString)
          .isInstanceOfAny(CancellationException.class, MortalFiles.Killed.class, Broken.class);
      if (thrown instanceof CancellationException && listener.step > 0) {
        assertThat(lastCheckpoint(directory)).as(this::toString).isEqualTo(listener.step);
      }
      return null;
    }

    @Override
    public String toString() {
      return "seed " + seed + ", ended by " + ends;
    }

    /** What straight through comes to. */
    private final class Recording implements TrainingListener {
      @Override
      public void onStep(Progress progress) {
        losses.put(progress.step(), progress.loss());
      }

      @Override
      public void onEvaluation(Evaluation evaluation) {
        evaluations.put(evaluation.step() + " " + evaluation.whole(), evaluation);
      }
    }

    /** Looks whether it comes to the same, and ends it at a moment. */
    private final class Comparing implements TrainingListener {
      private final String end;
      private int left;
      private int step;
      private boolean cancelled;

      private Comparing(String end, int moment, int step) {
        this.end = end;
        left = moment;
        this.step = step;
      }

      @Override
      public void onStep(Progress progress) {
        assertThat(progress.step()).as(Case.this::toString).isEqualTo(step + 1);
        step = progress.step();
        assertThat(progress.loss()).as(Case.this::toString).isEqualTo(losses.get(step));
        received();
      }

      @Override
      public void onEvaluation(Evaluation evaluation) {
        assertThat(evaluation)
            .as(Case.this::toString)
            .isEqualTo(evaluations.get(evaluation.step() + " " + evaluation.whole()));
        received();
      }

      @Override
      public void onCheckpoint(int written, Path where) {
        assertThat(written).as(Case.this::toString).isEqualTo(step);
        received();
      }

      private void received() {
        if (left-- > 0) {
          return;
        }
        if (end.equals("told")) {
          cancelled = true;
        } else if (end.equals("thrown")) {
          throw step % 2 == 0 ? new Broken() : new CancellationException("by a listener");
        } else if (end.equals("interrupted") || end.equals("interrupted in vain")) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Of this thread, once. */
  private static final class Interrupt implements Runnable {
    private boolean done;

    @Override
    public void run() {
      if (!done) {
        done = true;
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static int lastCheckpoint(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("checkpoint-"))
          .mapToInt(name -> Integer.parseInt(name.substring("checkpoint-".length())))
          .max()
          .orElse(0);
    }
  }

  /** Of the result, without what lies beside it, and the card, which tells of the last run. */
  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().matches("README\\.md"))
          .sorted()
          .toList();
    }
  }
}
