package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.onnx.OnnxDecoder;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Over 200 greedy steps an exported model chooses in ONNX Runtime what the runtime chooses. */
@Tag("once")
class OnnxGreedyTest {
  private static final int STEPS = 200;
  private static final double TOLERANCE = 1e-4;

  @TempDir Path directory;

  /** One of each family; some with sizes that are no multiples of what operators like. */
  private enum Family {
    GPT2(RandomModel.gpt2().set("n_positions", 256).set("n_embd", 64)),
    GPT2_OF_ODD_SIZES(
        RandomModel.gpt2().set("n_positions", 256).set("n_embd", 39).set("n_head", 3)),
    GPT_NEOX(RandomModel.gptNeox().set("max_position_embeddings", 256)),
    LLAMA(llamaLike(RandomModel.llama()).set("head_dim", 16)),
    LLAMA_WITH_TIED_EMBEDDINGS(
        llamaLike(RandomModel.llama()).set("hidden_size", 64).set("tie_word_embeddings", true)),
    MISTRAL_WITH_A_WINDOW(
        llamaLike(RandomModel.mistral()).set("head_dim", 8).set("sliding_window", 24)),
    QWEN2_WITH_A_WINDOW_IN_SOME_LAYERS(
        llamaLike(RandomModel.qwen2()).set("use_sliding_window", true).set("max_window_layers", 1)),
    QWEN3(llamaLike(RandomModel.qwen3()).set("head_dim", 24));

    private final RandomModel model;

    Family(RandomModel model) {
      this.model = model;
    }

    private static RandomModel llamaLike(RandomModel model) {
      return model.set("max_position_embeddings", 256);
    }
  }

  @ParameterizedTest
  @EnumSource
  void floats_choose_the_same_tokens(Family family) throws IOException, OrtException {
    judge(family.model.build(), OnnxWeights.F32);
  }

  @ParameterizedTest
  @EnumSource
  void floats_with_grouped_attention_choose_the_same_tokens(Family family)
      throws IOException, OrtException {
    judge(family.model.build(), OnnxWeights.F32.withGroupQueryAttention());
  }

  @ParameterizedTest
  @EnumSource
  void eight_bits_choose_the_same_tokens_as_floats_of_the_same_value(Family family)
      throws IOException, OrtException {
    judge(family.model.build(), OnnxWeights.INT8);
  }

  @ParameterizedTest
  @EnumSource
  void four_bits_choose_the_same_tokens_as_floats_of_the_same_value(Family family)
      throws IOException, OrtException {
    judge(family.model.build(), OnnxWeights.INT4);
  }

  @ParameterizedTest
  @MethodSource("weights")
  void a_trained_model_chooses_the_same_tokens(OnnxWeights weights)
      throws IOException, OrtException {
    judge(Stories260K.model(), weights);
  }

  static List<OnnxWeights> weights() {
    return List.of(
        OnnxWeights.F32,
        OnnxWeights.F32.withGroupQueryAttention(),
        OnnxWeights.INT8,
        OnnxWeights.INT4);
  }

  private void judge(HuggingFaceModel model, OnnxWeights weights) throws IOException, OrtException {
    Path plain = directory.resolve("plain");
    HuggingFaceFiles.write(model, Precision.F32, plain);
    OnnxExport.write(plain, weights);
    Path same = directory.resolve("same");
    HuggingFaceFiles.write(Quantization.of(model, weights), Precision.F32, same);
    Options options = Options.of("cpu", Map.of("threads", "1"));
    try (LanguageModel expected = new CpuRuntimeProvider().load(same, options);
        Session session = expected.open();
        OnnxDecoder decoder = OnnxDecoder.open(plain)) {
      List<float[]> rows = new ArrayList<>();
      int[] tokens = new int[STEPS];
      tokens[0] = 1;
      for (int i = 0; i < STEPS; i++) {
        float[] row = new float[expected.info().vocabularySize()];
        session.append(new int[] {tokens[i]}, row);
        rows.add(row);
        compare("with the cache", i, decoder.append(tokens[i])[0], row);
        if (i + 1 < STEPS) {
          tokens[i + 1] = best(row);
        }
      }
      decoder.clear();
      float[][] together = decoder.append(tokens);
      for (int i = 0; i < STEPS; i++) {
        compare("without the cache", i, together[i], rows.get(i));
      }
    }
  }

  private static void compare(String how, int step, float[] actual, float[] expected) {
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      double one = Math.abs(actual[i] - expected[i]);
      difference = one <= difference ? difference : one;
    }
    assertThat(difference)
        .as("largest difference of logits in step %d, %s", step, how)
        .isLessThanOrEqualTo(TOLERANCE);
    int best = best(expected);
    if (best(actual) != best) {
      double gap = expected[best] - expected[best(actual)];
      assertThat(gap).as("gap of the two best in step %d, %s", step, how).isLessThan(TOLERANCE);
      System.out.println("step " + step + ", " + how + ": the two best are " + gap + " apart");
    }
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
