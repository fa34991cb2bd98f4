package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training writes into a directory that is empty or its own, unless it is told to. */
class ForeignDirectoryTest {
  private static final int[] TEXT = IntStream.range(0, 200).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(2)
        .steps(2);
  }

  private static TrainingData data() {
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(new int[0]));
  }

  private static TrainingResult train(TrainingPlan plan) throws IOException {
    return new CpuTrainer(1).train(data(), plan);
  }

  private Path foreign() throws IOException {
    Path directory = TinyModel.llama("llama").write(Files.createDirectory(folder.resolve("mine")));
    Files.writeString(directory.resolve("tokenizer.model"), "pieces");
    return directory;
  }

  private static Map<String, String> content(Path directory) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        content.put(file.getFileName().toString(), hex(file));
      }
    }
    return content;
  }

  private static String hex(Path file) throws IOException {
    return HexFormat.of().formatHex(Files.readAllBytes(file));
  }

  @Test
  void a_model_of_others_is_left_as_it_is() throws IOException {
    Path directory = foreign();
    Map<String, String> before = content(directory);
    Path base = TinyModel.gpt2().write(Files.createDirectory(folder.resolve("base")));
    TrainingPlan fresh = plan(directory).build();
    TrainingPlan tuned = plan(directory).contextLength(6).fineTuning(FineTuning.of(base)).build();
    TrainingPlan adapted =
        plan(directory)
            .contextLength(6)
            .fineTuning(FineTuning.of(base).withLora(FineTuning.Lora.ofRank(2)))
            .build();
    for (TrainingPlan plan : new TrainingPlan[] {fresh, tuned, adapted}) {
      for (TrainingPlan each : new TrainingPlan[] {plan, plan.toBuilder().resume().build()}) {
        assertThatIOException()
            .isThrownBy(() -> train(each))
            .withMessage(
                directory
                    + " has files that no training wrote: config.json, model.safetensors,"
                    + " tokenizer.model; train into an empty directory, or say that files there may"
                    + " be replaced, with overwrite");
      }
    }
    CpuTrainer trainer = new CpuTrainer(1);
    assertThatIOException()
        .isThrownBy(() -> trainer.choose(data(), fresh, Cancellation.none()))
        .withMessageContaining("has files that no training wrote");
    assertThatIOException()
        .isThrownBy(() -> trainer.local(data(), fresh).close())
        .withMessageContaining("has files that no training wrote");
    assertThat(content(directory)).isEqualTo(before);
  }

  @Test
  void it_is_replaced_by_a_plan_that_says_so() throws IOException {
    Path directory = foreign();
    assertThat(plan(directory).build().overwrites()).isFalse();
    train(plan(directory).overwrite().build());
    assertThat(ModelDirectory.read(directory).config().vocabularySize()).isEqualTo(10);
    assertThat(directory.resolve("tokenizer.model")).hasContent("pieces");
    train(plan(directory).build()); // its own from now on
  }

  @Test
  void texts_are_no_place_for_a_model_either() throws IOException {
    for (String name : new String[] {"a.txt", "b.txt", "c.txt", "d.txt"}) {
      Files.writeString(folder.resolve(name), name);
    }
    assertThatIOException()
        .isThrownBy(() -> train(plan(folder).build()))
        .withMessageContaining("no training wrote: a.txt, b.txt, c.txt, …; train into");
    assertThat(content(folder)).hasSize(4);
  }

  @Test
  void an_own_model_is_replaced_and_a_description_is_no_model() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("own"));
    Files.writeString(directory.resolve("README.md"), "mine");
    Files.writeString(directory.resolve(".gitignore"), "*");
    train(plan(directory).build());
    train(plan(directory).seed(2).build());
    assertThat(directory.resolve("README.md")).hasContent("mine");
  }

  @Test
  void a_copy_without_hidden_files_is_resumed() throws IOException {
    Path directory = folder.resolve("stopped");
    train(plan(directory).checkpoints(1, 2).build());
    Files.delete(directory.resolve(DirectoryLock.FILE));
    TrainingPlan more = plan(directory).steps(4).checkpoints(1, 2).resume("steps").build();
    assertThat(train(more).steps()).isEqualTo(4);
  }
}
