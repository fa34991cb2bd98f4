package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.reference.Stories260K.Expected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A trained model tells the story that llama2.c recorded, token for token. */
class Stories260KTest {
  @TempDir Path directory;

  @Test
  void the_reference_itself_tells_the_recorded_stories() throws IOException {
    for (Expected expected : Stories260K.expected()) {
      assertThat(likeliest(Stories260K.model(), expected)).isEqualTo(generated(expected));
    }
  }

  @Test
  void its_tokens_are_those_of_the_recorded_texts() throws IOException {
    for (Expected expected : Stories260K.expected()) {
      assertThat(Stories260K.tokenizer().decode(expected.tokens())).isEqualTo(expected.text());
      List<Integer> prompt = promptOf(expected);
      assertThat(expected.tokens().subList(0, prompt.size())).isEqualTo(prompt);
    }
  }

  /** The reference, too, tells the same stories with weights rounded to binary16. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void safetensors_tell_the_recorded_stories(Precision precision) throws IOException {
    HuggingFaceFiles.write(Stories260K.model(), precision, directory);
    tellsTheRecordedStories("cpu");
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void gguf_tells_the_recorded_stories(Precision precision) throws IOException {
    writeGguf(precision);
    tellsTheRecordedStories("cpu");
  }

  @Test
  void exported_they_are_told_by_onnx_runtime() throws IOException {
    HuggingFaceFiles.write(Stories260K.model(), Precision.F32, directory);
    OnnxExport.write(directory);
    tellsTheRecordedStories("gpu(device=cpu)");
  }

  /** Rounded weights and inputs decide otherwise where two tokens are almost equally likely. */
  @Test
  void gguf_in_blocks_of_eight_bits_nearly_always_chooses_the_recorded_token() throws IOException {
    writeGguf(Precision.Q8_0);
    int same = 0;
    int all = 0;
    try (LanguageModel model = LanguageModels.load(directory)) {
      for (Expected expected : Stories260K.expected()) {
        int[] tokens = Stories260K.afterBegin(expected.tokens());
        float[][] logits = new float[tokens.length][model.info().vocabularySize()];
        try (Session session = model.open()) {
          session.append(tokens, logits);
        }
        for (int t = promptOf(expected).size(); t < tokens.length - 1; t++) {
          same += argmax(logits[t]) == tokens[t + 1] ? 1 : 0;
          all++;
        }
      }
    }
    assertThat(same / (double) all).isGreaterThan(0.98);
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  private void writeGguf(Precision precision) throws IOException {
    GgufFile file = GgufConversion.convert(Stories260K.model(), precision);
    Stories260K.tokenizer().write(file);
    file.write(directory.resolve("stories260K.gguf"));
  }

  private void tellsTheRecordedStories(String runtime) throws IOException {
    try (LanguageModel model = LanguageModels.load(directory, runtime)) {
      for (Expected expected : Stories260K.expected()) {
        List<Integer> generated = new ArrayList<>(promptOf(expected));
        generated.addAll(generate(model, expected));
        assertThat(generated).isEqualTo(expected.tokens());
        assertThat(Stories260K.tokenizer().decode(generated)).isEqualTo(expected.text());
      }
    }
  }

  private static List<Integer> promptOf(Expected expected) throws IOException {
    return expected.prompt().isEmpty()
        ? List.of()
        : Stories260K.tokenizer().encode(expected.prompt());
  }

  private static List<Integer> generated(Expected expected) throws IOException {
    int prompt = promptOf(expected).size();
    return expected.tokens().subList(prompt, expected.tokens().size());
  }

  private static List<Integer> generate(LanguageModel model, Expected expected) throws IOException {
    DecodingOptions options =
        DecodingOptions.builder()
            .sampler(Samplers.greedy())
            .maxNewTokens(generated(expected).size())
            .build();
    int[] prompt = Stories260K.afterBegin(promptOf(expected));
    List<Integer> generated = new ArrayList<>();
    try (Generation generation = Decoders.sampling().decode(model, prompt, options)) {
      generation.forEachRemaining(token -> generated.add(token.id()));
    }
    return generated;
  }

  /** The likeliest token after each recorded one; all recorded ones if, and only if, greedy. */
  private static List<Integer> likeliest(HuggingFaceModel model, Expected expected)
      throws IOException {
    int[] tokens = Stories260K.afterBegin(expected.tokens());
    double[][] logits =
        ReferenceTransformer.run(model, Arrays.copyOf(tokens, tokens.length - 1)).logits();
    List<Integer> likeliest = new ArrayList<>();
    for (int t = promptOf(expected).size(); t < logits.length; t++) {
      int best = 0;
      for (int id = 1; id < logits[t].length; id++) {
        if (logits[t][id] > logits[t][best]) {
          best = id;
        }
      }
      likeliest.add(best);
    }
    return likeliest;
  }
}
