package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exported graphs in transformers.js, which reads the tokenizer and writes the text itself. */
@Tag("oracle")
class TransformersJsTest {
  private static final String PROMPT = "It is a truth universally acknowledged";
  private static final int STEPS = 64;
  private static Node transformers;

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws IOException, InterruptedException {
    transformers = Node.transformersJs();
  }

  /**
   * Those whose text part is a model of its own, but for one that transformers.js does not know.
   */
  static Stream<String> families() {
    return Families.all().stream()
        .filter(family -> !family.has(Trait.TEXT_CONFIG))
        .map(Family::type)
        .filter(type -> !type.equals("mixtral"));
  }

  @ParameterizedTest
  @MethodSource("families")
  void every_family_writes_the_same_text(String type) throws IOException, InterruptedException {
    Path model = folder.resolve(type);
    Tokenizer tokenizer = Miniature.write(Families.named(type), model);
    String expected;
    try (TextGenerator generator =
        TextGenerator.load(model, "cpu").withSampler("greedy").withMaxNewTokens(STEPS)) {
      expected = generator.generate(PROMPT);
    }
    OnnxExport.write(model, OnnxWeights.F32);
    Files.createDirectories(model.resolve("onnx"));
    Files.move(model.resolve("model.onnx"), model.resolve("onnx/model.onnx"));
    List<String> lines = transformers.run(folder.toString(), type, PROMPT, String.valueOf(STEPS));
    assertThat(Steps.ids(lines.get(0))).isEqualTo(tokenizer.encode(PROMPT));
    Object text = Json.object("{\"text\":" + lines.get(1) + "}").get("text");
    System.out.printf("%s: %s%n", type, text);
    assertThat(text).isEqualTo(expected);
  }
}
