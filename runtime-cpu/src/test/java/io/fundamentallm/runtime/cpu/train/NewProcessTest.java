package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 300 steps straight, and 150 of them, then the others in a new process: the same bits. */
class NewProcessTest {
  private static final int HALF = 150;

  @TempDir private Path folder;

  private static void train(Path directory, String shape, boolean stops) throws IOException {
    TrainingPlan.Builder plan =
        TrainingPlan.builder(directory)
            .steps(2 * HALF)
            .averaging("ema(decay=0.99)")
            .validation(Validation.every(40).withKeepBest(true).withWindows(12))
            .checkpoints(1000, 1) // none, but for the one that a stop leaves
            .resume();
    if (shape.equals("small")) {
      plan.architecture("gpt2(layers=1,heads=2,hidden-size=16)").contextLength(8).batchSize(4);
    }
    int[] text = IntStream.range(0, 3000).map(i -> (i * i / 7 + i % 5) % 8).toArray();
    TrainingData data =
        new TrainingData(
            new DigitTokenizer(),
            TokenSequence.of(text),
            TokenSequence.of(java.util.Arrays.copyOf(text, 400)));
    AtomicInteger steps = new AtomicInteger();
    Cancellation cancellation = () -> stops && steps.get() == HALF;
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.incrementAndGet();
          }
        };
    try {
      new CpuTrainer(2).train(data, plan.build(), cancellation, counting);
    } catch (CancellationException e) {
      assertThat(stops).isTrue();
    }
    assertThat(steps.get()).isIn(HALF, 2 * HALF);
  }

  /** Goes on where another process stopped. */
  public static void main(String[] arguments) throws IOException {
    train(Path.of(arguments[0]), arguments[1], false);
  }

  private void compare(String shape) throws Exception {
    train(folder.resolve("straight"), shape, false);
    Path stopped = folder.resolve("stopped");
    train(stopped, shape, true);
    assertThat(stopped.resolve("checkpoint-150")).isDirectory();
    assertThat(stopped.resolve("model.safetensors")).doesNotExist();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(NewProcessTest.class.getName(), stopped.toString(), shape));
    Process other =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(other.waitFor()).isZero();
    assertThat(ModelDirectory.read(stopped).parameters())
        .isEqualTo(ModelDirectory.read(folder.resolve("straight")).parameters());
  }

  /** The other process runs without the Vector API, which changes no bit either. */
  @Test
  void a_new_process_goes_on_to_the_same_bits() throws Exception {
    compare("small");
  }

  /** Four layers of 128 channels, context 64, batch 12. */
  @Test
  @Tag("long")
  void a_new_process_goes_on_to_the_same_bits_with_a_larger_model() throws Exception {
    compare("large");
  }
}
