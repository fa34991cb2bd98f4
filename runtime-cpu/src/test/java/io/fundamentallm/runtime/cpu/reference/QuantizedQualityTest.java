package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What smaller weights cost a trained model on text that it has not seen. */
class QuantizedQualityTest {
  @TempDir Path directory;

  @BeforeEach
  void write() throws IOException {
    HuggingFaceFiles.write(Stories260K.model(), Precision.F32, directory);
  }

  private double perplexity(String runtime) throws IOException {
    try (LanguageModel model = LanguageModels.load(directory, runtime)) {
      return Perplexity.of(model).value();
    }
  }

  @Test
  void the_figure_rests_on_more_than_two_thousand_tokens_and_is_the_references()
      throws IOException {
    Perplexity reference = Perplexity.of(Stories260K.model());
    assertThat(reference.count()).isGreaterThan(2000);
    assertThat(perplexity("cpu")).isCloseTo(reference.value(), within(1e-4 * reference.value()));
  }

  @ParameterizedTest
  @CsvSource({"cpu(weights=int8), 0.005", "cpu(weights=int4), 0.05"})
  void smaller_weights_raise_perplexity_by_little(String runtime, double max) throws IOException {
    assertThat(perplexity(runtime) / perplexity("cpu(weights=f32)")).isLessThanOrEqualTo(1 + max);
  }

  /** Of which it is surer, so that the same rounding costs more. */
  @ParameterizedTest
  @CsvSource({"cpu(weights=int8), 0.005", "cpu(weights=int4), 0.08"})
  void on_what_the_model_itself_writes_they_cost_little_more(String runtime, double max)
      throws IOException {
    double smaller = perplexityOfItsOwnText(runtime);
    double exact = perplexityOfItsOwnText("cpu(weights=f32)");
    assertThat(smaller / exact).isLessThanOrEqualTo(1 + max);
  }

  private double perplexityOfItsOwnText(String runtime) throws IOException {
    List<int[]> texts = new ArrayList<>();
    for (Stories260K.Expected written : Stories260K.expected()) {
      texts.add(Stories260K.afterBegin(written.tokens()));
    }
    try (LanguageModel model = LanguageModels.load(directory, runtime)) {
      Perplexity perplexity = Perplexity.of(model, texts);
      assertThat(perplexity.count()).isGreaterThan(600);
      return perplexity.value();
    }
  }

  @Test
  void a_file_in_blocks_of_eight_bits_is_as_good_as_int8() throws IOException {
    double exact = perplexity("cpu(weights=f32)");
    Path other = directory.resolve("gguf");
    GgufConversion.convert(Stories260K.model(), Precision.Q8_0).write(other.resolve("q8.gguf"));
    try (LanguageModel model = LanguageModels.load(other)) {
      assertThat(Perplexity.of(model).value() / exact).isLessThanOrEqualTo(1.005);
    }
  }
}
