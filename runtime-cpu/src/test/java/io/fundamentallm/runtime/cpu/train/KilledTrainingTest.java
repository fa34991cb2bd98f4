package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that train are killed (SIGKILL) at random moments, and others go on: to the same bits
 * as a training that nothing happened to. {@link ResumingTest} does the same between any two
 * changes of a file, in one process.
 */
@Tag("once")
class KilledTrainingTest {
  private static final int STEPS = 12;
  private static final String SHAPE = "(layers=1,heads=2,hidden-size=8)";

  /** Each recipe resumes; a new one is a new line. */
  private static List<Recipe> recipes(Path base) {
    return List.of(
        text("gpt2, AdamW", plan -> plan.architecture("gpt2" + SHAPE)),
        text("llama, Muon", plan -> plan.architecture("llama" + SHAPE).optimizer("muon")),
        text(
            "average, best weights",
            plan ->
                plan.architecture("gpt2" + SHAPE)
                    .averaging("ema(decay=0.7)")
                    .validation(Validation.every(2).withWindows(2).withKeepBest(true))),
        text(
            "dropout, documents apart",
            plan ->
                plan.architecture("gpt2" + SHAPE)
                    .objective(
                        TrainingObjective.MAXIMUM_LIKELIHOOD
                            .withDropout(0.2)
                            .withDocumentBoundaries(true))),
        text("all weights of a model", plan -> plan.fineTuning(FineTuning.of(base))),
        text(
            "adapter",
            plan -> plan.fineTuning(FineTuning.of(base).withLora(FineTuning.Lora.ofRank(2)))),
        text(
            "decomposed adapter over 8 bits, little memory",
            plan ->
                plan.memory("low")
                    .fineTuning(
                        FineTuning.of(base)
                            .withLora(
                                FineTuning.Lora.ofRank(2).withDecomposition().withBase("int8")))),
        examples("conversations", "cross-entropy", FineTuning.of(base)),
        examples("preferences", "dpo", FineTuning.of(base).withLora(FineTuning.Lora.ofRank(2))),
        examples("distillation", "distillation", FineTuning.of(base)));
  }

  /** Pairs for {@code dpo}, otherwise examples, which also have what a teacher expects. */
  private static Recipe examples(String name, String loss, FineTuning tuning) {
    return new Recipe(
        name,
        (plan, listener) -> {
          MarkedTokens training = marked(12, loss);
          TrainingData data = new TrainingData(new DigitTokenizer(), training, marked(4, loss));
          new CpuTrainer(1).train(data, plan.build(), listener);
        },
        plan ->
            plan.fineTuning(tuning)
                .validation(Validation.every(4).withWindows(2))
                .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss(loss)));
  }

  private static MarkedTokens marked(int count, String loss) {
    MarkedTokens marked = new MarkedTokens();
    for (int i = 0; i < count; i++) {
      marked.add(new int[] {i % 8, 3, i % 5}, 1, true);
      if (loss.equals("dpo")) {
        marked.add(new int[] {i % 8, 3, i % 7}, 1, false);
      }
      for (int j = 0; loss.equals("distillation") && j < 3; j++) {
        marked.expect(new int[] {1, 2}, new float[] {-1, -0.5f});
      }
    }
    return marked;
  }

  private static Recipe text(String name, UnaryOperator<TrainingPlan.Builder> settings) {
    return new Recipe(
        name,
        (plan, listener) -> new CpuTrainer(1).train(data(), plan.build(), listener),
        settings);
  }

  /**
   * A way to train.
   *
   * @param run trains to the end of the plan; data of another kind than text is this lambda's
   * @param settings of the plan, beside directory, steps and checkpoints
   */
  private record Recipe(String name, Run run, UnaryOperator<TrainingPlan.Builder> settings) {
    private interface Run {
      void train(TrainingPlan.Builder plan, TrainingListener listener) throws IOException;
    }

    void train(Path directory, TrainingListener listener) throws IOException {
      run.train(
          settings
              .apply(TrainingPlan.builder(directory))
              .contextLength(8)
              .batchSize(2)
              .steps(STEPS)
              .checkpoints(2, 2)
              .resume(),
          listener);
    }
  }

  private static TrainingData data() {
    int[] text =
        IntStream.range(0, 400).map(i -> i % 17 == 0 ? 9 : (i * i / 7 + i % 5) % 8).toArray();
    return new TrainingData(
        new DigitTokenizer(),
        TokenSequence.of(text),
        TokenSequence.of(IntStream.of(text).limit(60).toArray()));
  }

  /** Tells of everything that happens, so that a parent can choose a moment. */
  private static final class Telling implements TrainingListener {
    @Override
    public void onStep(Progress progress) {
      tell();
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
      tell();
    }

    @Override
    public void onCheckpoint(int step, Path directory) {
      tell();
    }

    private static void tell() {
      System.out.println("so far");
      System.out.flush();
    }
  }

  /** Trains one recipe; arguments: the base, the recipe's number, the directory. */
  public static void main(String[] arguments) throws IOException {
    recipes(Path.of(arguments[0]))
        .get(Integer.parseInt(arguments[1]))
        .train(Path.of(arguments[2]), new Telling());
  }

  @TempDir private Path folder;

  @Test
  void a_killed_training_goes_on_to_the_same_bits_whatever_the_recipe() throws Exception {
    compare(recipes(base()).size());
  }

  @Test
  @Tag("long")
  void fifty_kills_of_each_recipe_change_no_bit() throws Exception {
    compare(50 * recipes(base()).size());
  }

  private Path base() {
    return folder.resolve("base");
  }

  private void compare(int kills) throws Exception {
    Random random = new Random(kills);
    TrainingPlan.Builder shape =
        TrainingPlan.builder(base()).architecture("gpt2" + SHAPE).contextLength(8).steps(2);
    new CpuTrainer(1).train(data(), shape.build());
    List<Recipe> recipes = recipes(base());
    for (int i = 0; i < recipes.size(); i++) {
      Path straight = folder.resolve("straight" + i);
      int[] events = {0};
      recipes.get(i).train(straight, counting(events));
      Path killed = folder.resolve("killed" + i);
      for (int left = kills / recipes.size(); left > 0; ) {
        // it may have just ended when the kill comes: then it starts anew
        if (trained(i, killed, random.nextInt(events[0]))) {
          requireSame(recipes.get(i), straight, killed);
          delete(killed);
        } else {
          left--;
        }
      }
      assertThat(trained(i, killed, Integer.MAX_VALUE)).as(recipes.get(i).name()).isTrue();
      requireSame(recipes.get(i), straight, killed);
    }
  }

  private static TrainingListener counting(int[] events) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        events[0]++;
      }

      @Override
      public void onEvaluation(Evaluation evaluation) {
        events[0]++;
      }
    };
  }

  /**
   * Starts a process that trains, and kills it after some events; whether it came to its end.
   *
   * @param recipe its number
   */
  private boolean trained(int recipe, Path directory, int events) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KilledTrainingTest.class.getName(), base().toString()));
    command.addAll(List.of(String.valueOf(recipe), directory.toString()));
    Path errors = folder.resolve("errors.txt");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      int seen = 0;
      while (seen < events && lines.readLine() != null) {
        seen++;
      }
      if (events < Integer.MAX_VALUE) {
        process.destroyForcibly();
      }
    }
    int status = process.waitFor();
    assertThat(status).as(Files.readString(errors)).isIn(0, 128 + 9);
    return status == 0;
  }

  /** All files of the result but the card, whose curve begins where the last process began. */
  private static void requireSame(Recipe recipe, Path straight, Path killed) throws IOException {
    Set<Path> names = files(straight);
    assertThat(files(killed)).as(recipe.name()).isEqualTo(names);
    for (Path name : names) {
      assertThat(killed.resolve(name))
          .as(recipe.name())
          .hasSameBinaryContentAs(straight.resolve(name));
    }
  }

  private static Set<Path> files(Path directory) throws IOException {
    Set<Path> names = new HashSet<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(Files::isRegularFile)
          .map(Path::getFileName)
          .filter(name -> !name.toString().matches("README\\.md|.*\\.tmp|.*lock.*"))
          .forEach(names::add);
    }
    return names;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }
}
