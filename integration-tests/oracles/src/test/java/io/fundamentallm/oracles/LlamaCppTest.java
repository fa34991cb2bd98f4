package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.gguf.GgufExport;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the exporter in llama.cpp: the same tokens, and nearly the same probabilities. */
@Tag("oracle")
class LlamaCppTest {
  private static final String TEXT = "It's 1984, \u00E9t\u00E9 \u4F60\u597D <|end|>\r\n  x";
  private static final int STEPS = 64;
  private static Node llama;

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws IOException, InterruptedException {
    llama = Node.llamaCpp();
  }

  static Stream<String> families() {
    return Families.all().stream().map(Family::type);
  }

  private static int[] prompt() {
    return IntStream.range(0, 20).map(i -> i * 37 % 95 + 32).toArray();
  }

  private List<String> run(Path file, int steps) throws IOException, InterruptedException {
    String prompt = String.join(",", IntStream.of(prompt()).mapToObj(String::valueOf).toList());
    return llama.run(file.toString(), prompt, TEXT, String.valueOf(steps));
  }

  @ParameterizedTest
  @MethodSource("families")
  void every_family_continues_alike(String type) throws IOException, InterruptedException {
    // the file's name is its folder's, and of models named after Phi-3 llama.cpp expects its tokens
    Path model = folder.resolve("miniature");
    Tokenizer tokenizer = Miniature.write(Families.named(type), model);
    Path file = folder.resolve(type + ".gguf");
    GgufExport.write(model, tokenizer, GgufWeights.F32, file);
    List<String> lines = run(file, STEPS);
    assertThat(Steps.ids(lines.get(0))).isEqualTo(tokenizer.encode(TEXT));
    Steps steps = Steps.of(prompt(), lines);
    assertThat(steps.tokens()).hasSize(STEPS);
    double most = steps.divergences(type, model, "cpu", 1e-3)[STEPS - 1];
    System.out.printf(Locale.ROOT, "%s: %d tokens alike, KL at most %.2g%n", type, STEPS, most);
    assertThat(most).isLessThan(1e-4);
  }

  /** Other kinds of tokenizers; the families' has bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"character(unknown=unk)", "bpe(vocab-size=300)"})
  void tokens_are_cut_alike(String spec) throws IOException, InterruptedException {
    Path model = folder.resolve("llama");
    Miniature.write(Families.named("llama"), model);
    String others = // as many as the model's tokenizer has to have
        IntStream.range(0x100, 0x180).mapToObj(Character::toString).collect(Collectors.joining());
    Tokenizer tokenizer =
        Tokenizers.learn(spec, "It's 1984, \u00E9t\u00E9!\n  it is it is" + others);
    Path file = folder.resolve("llama.gguf");
    GgufExport.write(model, tokenizer, GgufWeights.F32, file);
    String known = "'t is 1984,  it's \n\u00E9";
    List<String> lines = llama.run(file.toString(), "1", known, "1");
    assertThat(Steps.ids(lines.get(0))).isEqualTo(tokenizer.encode(known));
  }

  static List<GgufWeights> weights() {
    return List.of(
        GgufWeights.F16,
        GgufWeights.BF16,
        GgufWeights.Q8_0,
        GgufWeights.Q4_0,
        GgufWeights.Q4_K_M,
        GgufWeights.Q6_K);
  }

  /** llama.cpp rounds the inputs of products, this project's floats do not. */
  @ParameterizedTest
  @MethodSource("weights")
  void every_form_has_the_same_weights(GgufWeights weights)
      throws IOException, InterruptedException {
    Path model = folder.resolve("llama");
    Tokenizer tokenizer = Miniature.write(Families.named("llama"), model);
    Path file = folder.resolve("llama.gguf");
    GgufExport.write(model, tokenizer, weights, file);
    Steps steps = Steps.of(prompt(), run(file, 1));
    double own = steps.divergences(weights.toString(), file, "cpu(weights=f32)", 0.5)[0];
    System.out.printf(Locale.ROOT, "llama as %s: KL %.2g%n", weights, own);
    assertThat(own).isLessThan(0.02);
  }
}
