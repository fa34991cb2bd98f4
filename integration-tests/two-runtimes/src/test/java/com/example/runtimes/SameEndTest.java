package com.example.runtimes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever the files beside the weights say or leave out, both runtimes stop at the same tokens.
 */
class SameEndTest {
  @TempDir private static Path directory;

  private static String config = "";

  @BeforeAll
  static void train() throws IOException {
    TrainedModel.write(directory, "llama", 16, 2, OnnxWeights.F32);
    String written = Files.readString(directory.resolve("config.json"));
    config = written.replaceAll("\\s*\"(bos|eos)_token_id\" : [^\\n]*", "");
    assertThat(config).doesNotContain("token_id").contains("\"llama\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "none",
      textBlock =
          """
          # config.json                          | generation_config.json                  | genai_config.json | tokenizer_config.json | begin | ends
          none                                   | none                                    | none | none | 1    | 2
          none                                   | {}                                      | none | {}   | 1    | 2
          "bos_token_id":null,"eos_token_id":null| none                                    | none | none | none | none
          "bos_token_id":3,"eos_token_id":4      | none                                    | none | none | 3    | 4
          "bos_token_id":3                       | {"eos_token_id":[5,4]}                  | none | none | 3    | 4 5
          "bos_token_id":3,"eos_token_id":7      | {"bos_token_id":6,"eos_token_id":[7,4]} | none | none | 6    | 4 7
          none                                   | {"bos_token_id":6,"eos_token_id":[4,99999]} | none | none | 6 | 4
          "bos_token_id":99999,"eos_token_id":-1 | none                                    | none | none | none | none
          none                                   | none | {"model":{"bos_token_id":3,"eos_token_id":[4,5]}} | none | 3 | 4 5
          "bos_token_id":6,"eos_token_id":7      | none | {"model":{"bos_token_id":3,"eos_token_id":[4,7]}} | none | 6 | 4 7
          none                                   | none | none | {"bos_token":"<s>","eos_token":{"content":"</s>"},"added_tokens_decoder":{"8":{"content":"<s>"},"9":{"content":"</s>"}}} | 8 | 9
          "eos_token_id":4                       | none | none | {"bos_token":"<s>","eos_token":"</s>","added_tokens_decoder":{"8":{"content":"<s>"},"9":{"content":"</s>"}}} | 8 | 4
          none                                   | none | none | {"bos_token":"<s>","eos_token":"</s>"} | 1 | 2
          """)
  void both_runtimes_begin_and_end_alike(
      String fields, String generation, String genAi, String tokenizer, Integer begin, String ends)
      throws IOException {
    write("config.json", fields == null ? config : config.replaceFirst("\\{", "{" + fields + ","));
    write("generation_config.json", generation);
    write("genai_config.json", genAi);
    write("tokenizer_config.json", tokenizer);
    for (String runtime : List.of("cpu", "gpu(device=cpu,threads=1)")) {
      try (LanguageModel model = LanguageModels.load(directory, runtime)) {
        assertThat(model.info().beginToken().stream().boxed().toList())
            .as("begin on %s", runtime)
            .isEqualTo(begin == null ? List.of() : List.of(begin));
        assertThat(model.info().endTokens())
            .as("ends on %s", runtime)
            .containsExactlyElementsOf(
                ends == null
                    ? List.of()
                    : Arrays.stream(ends.split(" ")).map(Integer::valueOf).toList());
      }
    }
  }

  private static void write(String name, String text) throws IOException {
    if (text == null) {
      Files.deleteIfExists(directory.resolve(name));
    } else {
      Files.writeString(directory.resolve(name), text);
    }
  }
}
