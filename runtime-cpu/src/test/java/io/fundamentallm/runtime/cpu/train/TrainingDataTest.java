package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From files to a trained model. */
@Tag("once")
class TrainingDataTest {
  @TempDir private Path folder;

  private TrainingPlan.Builder plan(String name, String windows) {
    return TrainingPlan.builder(folder.resolve(name))
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .steps(30)
        .warmupSteps(5)
        .learningRate(1e-2, 1e-3)
        .windows(windows);
  }

  /** Thirty documents of which each counts on from its own digit. */
  private List<String> documents() {
    List<String> documents = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      StringBuilder document = new StringBuilder();
      for (int j = 0; j < 5 + i; j++) {
        document.append((i + j) % 8);
      }
      documents.add(document.toString());
    }
    return documents;
  }

  private TextCorpus corpus() throws IOException {
    Path file = folder.resolve("corpus.jsonl");
    Files.write(file, documents().stream().map(text -> "{\"text\":\"" + text + "\"}").toList());
    return TextCorpus.ofFiles(file).jsonLines("text");
  }

  private float[] trained(TrainingData data, TrainingPlan plan) throws IOException {
    new CpuTrainer(2).train(data, plan);
    return ModelDirectory.read(plan.modelDirectory()).parameters();
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "shifted", "chunks", "sliding(stride=3)", "documents"})
  void a_token_file_trains_to_the_bits_of_the_same_text_in_memory(String windows)
      throws IOException {
    DigitTokenizer tokenizer = new DigitTokenizer();
    TokenSequence tokens = TokenFile.write(folder.resolve("tokens.bin"), tokenizer, corpus());
    TrainingData files = TrainingData.ofTokens(tokenizer, tokens, 0.9);
    TrainingData memory = TrainingData.ofDocuments(tokenizer, documents(), 0.9);
    float[] trained = trained(files, plan("files", windows).build());
    assertThat(trained).isEqualTo(trained(memory, plan("memory", windows).build()));
    String other = windows.equals("random") ? "chunks" : "random";
    assertThat(trained).isNotEqualTo(trained(memory, plan("other", other).build()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunks", "documents"})
  void a_resumed_epoch_goes_on_where_it_stopped(String windows) throws IOException {
    TrainingData data = TrainingData.ofDocuments(new DigitTokenizer(), documents(), 1);
    float[] straight = trained(data, plan("straight", windows).build());
    TrainingPlan.Builder halves = plan("halves", windows).checkpoints(13, 1).resume();
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path directory) {
            throw new IllegalStateException("stopped at " + step);
          }
        };
    assertThatIllegalStateException()
        .isThrownBy(() -> new CpuTrainer(1).train(data, halves.build(), stop))
        .withMessage("stopped at 13");
    assertThat(trained(data, halves.build())).isEqualTo(straight);
  }

  @Test
  void padded_documents_are_learned_to_their_ends() throws IOException {
    TrainingData data = TrainingData.ofDocuments(new DigitTokenizer(), List.of("01", "0"), 1);
    TrainingData validated = new TrainingData(data.tokenizer(), data.training(), data.training());
    TrainingResult result =
        new CpuTrainer(1).train(validated, plan("model", "documents").steps(150).build());
    // all is certain but what follows "0": 1 or the end, evenly
    double expected = 2 * Math.log(2) / 5;
    assertThat(result.validationLoss()).isCloseTo(expected, within(0.03));
  }

  @Test
  void unknown_windows_are_refused_before_the_first_step() {
    TrainingData data = TrainingData.ofDocuments(new DigitTokenizer(), documents(), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CpuTrainer(1).train(data, plan("model", "shuffled").build()))
        .withMessage(
            "no windows \"shuffled\"; there are chunks, documents, packed, random, shifted, sliding");
    assertThat(folder.resolve("model/config.json")).doesNotExist();
  }
}
