package com.example.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts for fine-tuning are in the tokens of the model that is tuned. */
class OtherTokenizerTest {
  @TempDir private Path folder;

  @Test
  void another_tokenizer_is_refused_and_no_model_is_written() throws Exception {
    Path model = SmallModel.train(folder.resolve("model"), "byte", 32, 2);
    Tokenizer other = Tokenizers.learn("character(special=false)", Austen.TEXT);
    for (FineTuning tuning : tunings(model)) {
      Path tuned = folder.resolve("tuned");
      assertThatThrownBy(() -> tune(other, tuning, tuned))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "the data's tokenizer is not that of the model in " + model + ": its token 0 is \"")
          .hasMessageEndingWith(
              "take the model's own, Tokenizers.load(Path.of(\"" + model + "\"))");
      assertThat(tuned).isDirectoryNotContaining("glob:**.safetensors");
    }
  }

  @Test
  void the_models_own_is_taken() throws Exception {
    Path model = SmallModel.train(folder.resolve("model"), "byte", 32, 2);
    for (FineTuning tuning : tunings(model)) {
      Path tuned = Files.createTempDirectory(folder, "tuned");
      tune(Tokenizers.load(model), tuning, tuned);
      assertThat(tuned).isNotEmptyDirectory();
    }
  }

  private static FineTuning[] tunings(Path model) {
    FineTuning whole = FineTuning.of(model);
    return new FineTuning[] {
      whole,
      whole.withLora(FineTuning.Lora.ofRank(2)),
      whole.withLora(FineTuning.Lora.ofRank(2).withBase("int8"))
    };
  }

  private static void tune(Tokenizer tokenizer, FineTuning tuning, Path directory)
      throws Exception {
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .fineTuning(tuning)
            .contextLength(32)
            .batchSize(2)
            .steps(1)
            .warmupSteps(0)
            .build();
    Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(tokenizer, Austen.TEXT, 1), plan);
  }
}
