package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Experts beside a shared one that is wider: what is prepared for one must leave the others be. */
class QuantizedMixtureTest {
  private static final int TOKENS = 90;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"auto", "f32", "int8", "int4"})
  void many_tokens_at_once_have_the_bits_of_one_after_another(String weights) throws IOException {
    HuggingFaceModel written = RandomModel.qwen2Moe().build().rounded(Precision.BF16);
    HuggingFaceFiles.write(written, Precision.BF16, directory);
    int[] tokens = new Random(3).ints(TOKENS, 0, RandomModel.VOCABULARY).toArray();
    float[][] together = new float[TOKENS][RandomModel.VOCABULARY];
    float[][] single = new float[TOKENS][RandomModel.VOCABULARY];
    try (LanguageModel model = LanguageModels.load(directory, "cpu(weights=" + weights + ")");
        Session all = model.open();
        Session one = model.open()) {
      all.append(tokens, together);
      for (int i = 0; i < TOKENS; i++) {
        one.append(new int[] {tokens[i]}, single[i]);
      }
    }
    assertThat(together).isDeepEqualTo(single);
  }
}
