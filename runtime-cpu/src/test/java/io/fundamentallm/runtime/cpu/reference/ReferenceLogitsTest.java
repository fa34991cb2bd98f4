package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The runtime agrees with a plain double-precision transformer on everything that it can load. */
class ReferenceLogitsTest {
  /** Over three blocks of the cache, every window, and every trained context of the cases. */
  private static final int LENGTH = 100;

  @TempDir Path directory;

  static int[] tokens() {
    return new Random(4).ints(LENGTH, 0, RandomModel.VOCABULARY).toArray();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.fundamentallm.runtime.cpu.reference.SettingCases#all")
  void every_setting_means_what_it_means_to_hugging_face(Case judged) throws IOException {
    judged.storage().write(judged.model(), directory);
    try (LanguageModel model =
        new CpuRuntimeProvider().load(directory, Options.of("cpu", Map.of()))) {
      judge(judged, model);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "io.fundamentallm.runtime.cpu.reference.FormatCases#all",
    "io.fundamentallm.runtime.cpu.reference.LaterCases#all"
  })
  void every_format_is_found_and_read(Case judged) throws IOException {
    judged.storage().write(judged.model(), directory);
    try (LanguageModel model = LanguageModels.load(directory)) {
      judge(judged, model);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.fundamentallm.runtime.cpu.reference.LaterCases#inBlocks")
  void blocks_beside_a_model_are_kept_or_converted(Case judged) throws IOException {
    judged.storage().write(judged.model(), directory);
    try (LanguageModel model = LanguageModels.load(directory, "cpu(weights=f32)")) {
      judge(judged, model);
    }
    int[] tokens = tokens();
    double[][] expected = ReferenceTransformer.run(judged.model(), tokens).logits();
    try (LanguageModel model = LanguageModels.load(directory);
        Session session = model.open()) {
      assertThat(model.info().precision()).isEqualTo("bf16, mxfp4");
      float[][] logits = new float[tokens.length][RandomModel.VOCABULARY];
      session.append(tokens, logits);
      double difference = 0;
      for (int t = 0; t < tokens.length; t++) {
        float[] row = logits[t];
        double[] actual = IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
        difference += Comparison.difference(actual, expected[t]) / tokens.length;
      }
      assertThat(difference).as("mean relative difference").isLessThan(0.05);
    }
  }

  private static void judge(Case judged, LanguageModel model) {
    int[] tokens = tokens();
    assertThat(model.info().vocabularySize()).isEqualTo(RandomModel.VOCABULARY);
    // a scaled model is made for texts beyond the context that its base was trained on
    assertThat(model.info().contextLength()).isGreaterThanOrEqualTo(tokens.length);
    ReferenceTransformer.Output expected = ReferenceTransformer.run(judged.model(), tokens);
    Comparison.judge(model, tokens, tokens.length, expected);
    Comparison.judge(model, tokens, 1, expected);
    Comparison.judge(model, tokens, 23, expected);
  }
}
