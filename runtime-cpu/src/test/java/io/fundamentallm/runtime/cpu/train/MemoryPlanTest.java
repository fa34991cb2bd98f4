package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class MemoryPlanTest {
  @TempDir private Path folder;

  private static TrainingData data() {
    int[] text = IntStream.range(0, 5000).map(i -> i % 8).toArray();
    return new TrainingData(new DigitTokenizer(), TokenSequence.of(text), TokenSequence.of());
  }

  /** Examples, pairs, or a text with what a teacher expects after each token. */
  private static TrainingData data(String kind) {
    MarkedTokens marked = new MarkedTokens();
    for (int i = 0; i < 100; i++) {
      int first = i % 8;
      int[] one = IntStream.range(0, 50).map(j -> (first + j) % 8).toArray();
      marked.add(one, 20, true);
      if (kind.equals("dpo")) {
        marked.add(one, 20, false);
      }
      for (int j = 0; kind.equals("distillation") && j < 50; j++) {
        marked.expect(new int[] {1, 2, 3}, new float[] {-1, -1, -1});
      }
    }
    return new TrainingData(new DigitTokenizer(), marked, TokenSequence.of());
  }

  private static final String SIZES = "(layers=3,heads=8,hidden-size=256)";

  /** Before a choice for which a tiny model is trained, so that all classes are loaded. */
  private static final String TINY = "tiny:";

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2" + SIZES)
        .contextLength(256)
        .batchSize(6)
        .steps(1);
  }

  /** What is told of the memory, and what is live after the last step. */
  private static final class Watch implements TrainingListener {
    private final List<TrainingMemory> received = new ArrayList<>();
    private long live;

    @Override
    public void onMemory(TrainingMemory memory) {
      received.add(memory);
    }

    @Override
    public void onStep(Progress progress) {
      live = live();
    }
  }

  private static long live() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** For the tests below: trains, and prints what was planned and what it took. */
  public static void main(String[] arguments) throws IOException {
    for (String choice : List.of(arguments).subList(2, arguments.length)) {
      boolean warm = choice.startsWith(TINY);
      String sizes = warm ? "(layers=1,heads=1,hidden-size=16)" : SIZES;
      Path folder = Path.of(arguments[0]).resolve(warm ? "tiny" : "large");
      String[] parts = choice.replace(TINY, "").split("/", 6);
      TrainingPlan.Builder builder =
          plan(folder.resolve(parts.length == 3 ? "model" : "tuned"))
              .batchSize(Integer.parseInt(arguments[1]))
              .architecture(parts[0] + sizes)
              .optimizer(parts[1])
              .averaging(parts[2]);
      if (parts.length > 3) {
        builder.memory(parts[3]).fineTuning(tuning(folder, parts[4]));
      }
      if (parts.length > 5 && !parts[5].equals("sft")) {
        builder.objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss(parts[5]));
      }
      TrainingData data = parts.length > 5 ? data(parts[5]) : data();
      Watch watch = new Watch();
      long before = live();
      try {
        new CpuTrainer(1).train(data, builder.build(), watch);
        if (!warm) {
          System.out.println(watch.received.get(0).total() + " " + (watch.live - before));
        }
      } catch (IllegalStateException e) {
        System.out.println(watch.received.size() + " " + e.getMessage());
      }
    }
  }

  /** Of the model that an earlier choice trained. */
  private static FineTuning tuning(Path folder, String adapters) {
    FineTuning whole = FineTuning.of(folder.resolve("model"));
    FineTuning.Lora lora = FineTuning.Lora.ofRank(8);
    return switch (adapters) {
      case "lora" -> whole.withLora(lora);
      case "dora" -> whole.withLora(lora.withDecomposition());
      case "int8", "int4" -> whole.withLora(lora.withBase(adapters));
      default -> whole;
    };
  }

  private String trained(String heap, int batch, String... choices) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap, "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    if (Kernels.best().name().startsWith("vector")) {
      command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    }
    command.addAll(List.of(MemoryPlanTest.class.getName(), folder.toString(), "" + batch));
    command.addAll(List.of(choices));
    Process training =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(training.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(training.waitFor()).isZero();
    return output;
  }

  @Test
  void the_figures_are_those_of_what_stays_allocated() throws Exception {
    String output =
        trained("1g", 6, "gpt2/adamw/none", "gpt2/muon/ema", "llama/lion/ema", "llama/sgd/none");
    assertThat(output.lines()).hasSize(4);
    for (String line : output.lines().toList()) {
      double planned = Double.parseDouble(line.substring(0, line.indexOf(' ')));
      double live = Double.parseDouble(line.substring(line.indexOf(' ') + 1));
      assertThat(planned).isGreaterThan(60 << 20);
      // What is allocated when it is needed seldom takes all that it may; classes take something.
      assertThat(live).isBetween(0.8 * planned, planned + (2 << 20));
    }
  }

  @Test
  void every_recipe_takes_what_is_planned_within_a_twentieth() throws Exception {
    trained("1g", 6, "llama/adamw/none");
    for (String recipe :
        List.of(
            "llama/adamw/none/full/whole",
            "llama/muon/none/low/whole",
            "llama/adamw/none/full/lora",
            "llama/muon/none/full/dora",
            "llama/adamw/none/full/int8",
            "llama/adamw/none/low/int4",
            "llama/adamw/none/full/whole/sft",
            "llama/adamw/none/full/lora/dpo",
            "llama/adamw/none/full/whole/distillation")) {
      String line = trained("1g", 6, TINY + "llama/adamw/none", TINY + recipe, recipe).trim();
      double planned = Double.parseDouble(line.substring(0, line.indexOf(' ')));
      double live = Double.parseDouble(line.substring(line.indexOf(' ') + 1));
      assertThat(live).as(recipe).isBetween(0.95 * planned, 1.05 * planned);
    }
  }

  @Test
  void a_heap_that_is_too_small_is_refused_with_the_figures_before_anything_is_allocated()
      throws Exception {
    assertThat(trained("64m", 60, "gpt2/adamw/none"))
        .startsWith("1 the training does not fit into memory")
        .containsPattern("It takes [0-9,]+ MiB: weights \\d+, gradients \\d+, optimiser \\d+,")
        .containsPattern("the heap has \\d\\d MiB")
        .contains("-Xmx", "batch size (60)", "accumulation (1)");
  }
}
