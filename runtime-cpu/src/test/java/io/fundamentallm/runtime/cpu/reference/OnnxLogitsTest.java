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
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is exported computes in ONNX Runtime what the runtime computes, for all that it loads. */
class OnnxLogitsTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "io.fundamentallm.runtime.cpu.reference.SettingCases#all",
    "io.fundamentallm.runtime.cpu.reference.FormatCases#all",
    "io.fundamentallm.runtime.cpu.reference.LaterCases#ofAnyLength",
    "io.fundamentallm.runtime.cpu.reference.LaterCases#inBlocks"
  })
  void every_model_computes_the_same_in_onnx_runtime(Case judged) throws IOException, OrtException {
    judged.storage().write(judged.model(), directory);
    OnnxExport.write(directory);
    int[] tokens = ReferenceLogitsTest.tokens();
    float[][] expected = logits(directory, "f32", tokens);
    try (OnnxDecoder decoder = OnnxDecoder.open(directory)) {
      agree(decoder.append(tokens), expected);
      decoder.clear();
      float[][] pieces = new float[tokens.length][];
      for (int from = 0; from < tokens.length; from += 23) {
        int to = Math.min(tokens.length, from + 23);
        float[][] piece = decoder.append(Arrays.copyOfRange(tokens, from, to));
        System.arraycopy(piece, 0, pieces, from, piece.length);
      }
      agree(pieces, expected);
    }
  }

  /** A graph cannot read a text again: all of a run has the factors of its last position. */
  @Test
  void longrope_has_the_factors_of_the_longest_position_of_a_run()
      throws IOException, OrtException {
    Case judged = Case.huggingFace("longrope", LaterCases.longPhi());
    judged.storage().write(judged.model(), directory);
    OnnxExport.write(directory);
    int[] tokens = ReferenceLogitsTest.tokens();
    float[][] expected = logits(directory, "f32", tokens);
    try (OnnxDecoder decoder = OnnxDecoder.open(directory)) {
      agree(decoder.append(Arrays.copyOf(tokens, 40)), Arrays.copyOf(expected, 40));
      decoder.clear();
      float[][] whole = decoder.append(tokens);
      agree(
          Arrays.copyOfRange(whole, 40, tokens.length),
          Arrays.copyOfRange(expected, 40, tokens.length));
    }
  }

  @Test
  void blocks_of_eight_bits_in_a_file_stay_what_they_are() throws IOException, OrtException {
    RandomModel model =
        RandomModel.llama().set("hidden_size", 64).set("head_dim", 16).set("intermediate_size", 96);
    Case judged = Case.gguf("blocks of eight bits", Precision.Q8_0, model);
    judged.storage().write(judged.model(), directory);
    OnnxExport.write(directory, OnnxWeights.INT8);
    int[] tokens = ReferenceLogitsTest.tokens();
    try (OnnxDecoder decoder = OnnxDecoder.open(directory)) {
      agree(decoder.append(tokens), logits(directory, "f32", tokens));
    }
  }

  private static float[][] logits(Path directory, String weights, int[] tokens) throws IOException {
    Options options = Options.of("cpu", Map.of("weights", weights, "threads", "1"));
    try (LanguageModel model = new CpuRuntimeProvider().load(directory, options);
        Session session = model.open()) {
      float[][] logits = new float[tokens.length][model.info().vocabularySize()];
      session.append(tokens, logits);
      return logits;
    }
  }

  private static void agree(float[][] actual, float[][] expected) {
    double worst = 0;
    for (int t = 0; t < expected.length; t++) {
      for (int i = 0; i < expected[t].length; i++) {
        double difference = Math.abs(actual[t][i] - expected[t][i]);
        worst = difference <= worst ? worst : difference;
      }
    }
    assertThat(worst).as("largest difference of logits").isLessThanOrEqualTo(TOLERANCE);
  }
}
