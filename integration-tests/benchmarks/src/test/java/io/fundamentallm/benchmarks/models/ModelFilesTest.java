package io.fundamentallm.benchmarks.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  @TempDir private Path folder;

  @Test
  void the_shapes_have_the_sizes_they_are_named_after() {
    Percentage close = Percentage.withPercentage(1);
    assertThat(Shape.TINY_LLAMA.parameters()).isCloseTo(1_100_000_000L, close);
    assertThat(Shape.QWEN3_MOE.parameters()).isCloseTo(2_960_000_000L, close);
    assertThat(Shape.QWEN3_MOE.weightsRead()).isCloseTo(284_000_000L, close);
    assertThat(Shape.M.weightsRead()).isEqualTo(Shape.M.parameters());
    assertThat(Shape.TINY_LLAMA.weightsRead() + Shape.TINY_LLAMA.embedding())
        .isEqualTo(Shape.TINY_LLAMA.parameters());
  }

  @Test
  void a_gguf_file_has_the_weights_of_the_directory_and_a_text_for_each_token() throws IOException {
    ModelFiles files = new ModelFiles(folder);
    Path gguf = files.gguf(Shape.S, GgufWeights.F32);
    int[] tokens = {TokenText.FIRST_ID, 300, 31_999};

    assertThat(logits(gguf, tokens)).isEqualTo(logits(files.huggingFace(Shape.S), tokens));
    assertThat(Tokenizers.load(gguf).encode(TokenText.of(tokens))).isEqualTo(tokens);
    assertThat(TokenText.tokens(TokenText.of(tokens) + "!")).containsExactly(259, 300, 31_999, 0);
  }

  private static float[] logits(Path path, int[] tokens) throws IOException {
    try (LanguageModel model = LanguageModels.load(path, "cpu(threads=1)");
        Session session = model.open()) {
      float[] logits = new float[model.info().vocabularySize()];
      session.append(tokens, logits);
      return logits;
    }
  }
}
