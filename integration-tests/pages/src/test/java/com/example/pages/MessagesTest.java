package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.spi.StatelessModel;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The messages that the tables of errors quote are those that callers get. */
class MessagesTest {
  private static final String CPU = "runtime-cpu/src/main/java/io/fundamentallm/runtime/cpu/";
  private static final String GPU = "runtime-gpu/src/main/java/io/fundamentallm/runtime/gpu/";

  private static final Pattern TABLE =
      Pattern.compile("\\| message \\| what to do \\|\n\\|---\\|---\\|\n((?:\\|.*\n)+)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** In a source, where variables stand for numbers too. */
  private static final String VARIES = " ?(?:…|[0-9]+) ?";

  /**
   * What needs other jars, a log, a full heap or hard work: the message as it is quoted, and the
   * sources that have its words, in their order.
   */
  private static final Map<String, List<String>> ELSEWHERE =
      Map.ofEntries(
          Map.entry(
              "the next … can be read in too many ways, …: the constraint is too ambiguous",
              List.of(
                  "samplers/src/main/java/io/fundamentallm/samplers/constraint/automaton/Closure.java")),
          Map.entry(
              "CPU kernels: scalar (start the JVM with --add-modules jdk.incubator.vector for the"
                  + " faster vector kernels)",
              List.of(
                  "integration-tests/class-loaders/src/test/java/com/example/tenant/OneJarTest.java")),
          Map.entry(
              "the training does not fit into memory. It takes 207 MiB: weights 49, gradients 49,"
                  + " optimiser 98, activations 13; the heap has 97 MiB …",
              List.of(
                  CPU + "train/MemoryPlan.java",
                  "api/src/main/java/io/fundamentallm/training/TrainingMemory.java")),
          Map.entry(
              "the model does not fit into the heap: …", List.of(CPU + "model/HeapRoom.java")),
          Map.entry("precision=bf16 needs oneDNN: …", List.of(CPU + "kernels/Kernels.java")),
          Map.entry("the key/value cache is full: …", List.of(CPU + "model/KvCache.java")),
          Map.entry(
              "ONNX Runtime is not on the class path or module path. Add one of the artifacts …",
              List.of(GPU + "ort/OnnxRuntimeJar.java")),
          Map.entry("device=cuda:0 cannot be used: …", List.of(GPU + "ort/Engine.java")),
          Map.entry(
              "this JVM does not let ONNX Runtime load its native library. Start it with"
                  + " --enable-native-access=ALL-UNNAMED …",
              List.of(GPU + "ort/OnnxRuntimeJar.java")),
          Map.entry(
              "the native library of ONNX Runtime cannot be loaded on this machine …",
              List.of(GPU + "ort/OnnxRuntimeJar.java")),
          Map.entry(
              "… has no inputs past_key_values.N.key: each token computes all before it again. …",
              List.of(GPU + "OnnxModel.java")),
          Map.entry(
              "the model's files have no chat template, so it cannot be told who said what: …",
              List.of(
                  "integration-tests/langchain4j/src/main/java/io/fundamentallm/langchain4j/ChatRequests.java")));

  @TempDir private Path folder;

  private final Tokenizer bytes = Tokenizers.learn("byte(special=false)", "It is a truth");

  @Test
  void quoted_messages_are_what_callers_get() throws IOException {
    Map<String, ThrowingCallable> provoked = provoked();
    Set<String> unquoted = new HashSet<>(provoked.keySet());
    Set<String> unused = new HashSet<>(ELSEWHERE.keySet());
    for (String message : quoted()) {
      if (ELSEWHERE.containsKey(message)) {
        unused.remove(message);
        assertThat(source(ELSEWHERE.get(message))).containsPattern(pattern(message, VARIES));
      } else {
        assertThat(provoked).as("how to get the message").containsKey(message);
        unquoted.remove(message);
        Throwable thrown = catchThrowable(provoked.get(message));
        assertThat(thrown).as(message).isNotNull();
        assertThat(thrown.getMessage()).containsPattern(pattern(message, "…"));
      }
    }
    assertThat(unquoted).as("messages that no table quotes any more").isEmpty();
    assertThat(unused).as("messages elsewhere that no table quotes any more").isEmpty();
  }

  /** By the message as it is quoted. */
  private Map<String, ThrowingCallable> provoked() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path text = Files.createDirectory(folder.resolve("text"));
    Files.writeString(text.resolve("notes.txt"), "It is a truth");
    Path above = Files.createDirectory(folder.resolve("above"));
    bytes.save(Files.createDirectory(above.resolve("tokenizer")));
    Path part = Files.createFile(above.resolve("tokenizer").resolve("weights"));
    Path safetensors = Files.createDirectory(folder.resolve("safetensors"));
    Files.createFile(safetensors.resolve("model.safetensors"));
    Files.writeString(safetensors.resolve("config.json"), "{\"model_type\": \"llama\"}");
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    Files.writeString(
        adapter.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"base\"}");
    LanguageModelProvider cpu = Registry.standard().find(LanguageModelProvider.class, "cpu");
    Map<String, ThrowingCallable> provoked = new HashMap<>();
    provoked.put(
        "no runtime named \"gpu\". Found: cpu. It comes with the artifact …",
        () -> LanguageModels.load(text, "gpu", Registry.of().with(cpu)));
    provoked.put(
        "no runtime can load the model in …. Asked, with their reasons:",
        () -> LanguageModels.load(text));
    provoked.put(
        "…: there is no such file or directory",
        () -> LanguageModels.load(folder.resolve("nowhere")));
    provoked.put("…: the directory is empty", () -> LanguageModels.load(empty));
    provoked.put("…; a directory below it can be loaded: name …", () -> Tokenizers.load(above));
    provoked.put(
        "…But the directory that it is in can be loaded: name …", () -> Tokenizers.load(part));
    provoked.put(
        "…: it is an adapter of the model \"…\", and no model itself; …",
        () -> LanguageModels.load(adapter));
    provoked.put(
        "stage \"top-k\" has no option \"foo\"; it takes: keep-ties, value",
        () -> Samplers.parse("top-k(value=5,foo=1)"));
    provoked.put(
        "the prompt of 65 tokens does not fit into the model's context of 64. Shorten it, or choose"
            + " a ContextPolicy that does",
        () -> generator().generate("a".repeat(65)));
    provoked.put(
        "the prompt of … tokens does not fit into the model's context of …",
        () -> generator().generate("a".repeat(65)));
    provoked.put(
        "no token for U+0058 (X) at index 0 of the text, and the vocabulary has no unknown token; …",
        () ->
            Tokenizers.learn("character(special=false)", "abcdefghijklmnopqrstuvwxyz ")
                .encode("X"));
    provoked.put(
        "the model's tokenizer has no chat template; use generate with a prompt, …",
        () -> generator().chat(List.of(ChatMessage.user("Is it a truth?"))));
    provoked.put(
        "provider … does not fit this version of the api (…). Align the versions …",
        () -> Samplers.parse("outdated", Registry.of().with(new Outdated())));
    provoked.put("the model is closed", MessagesTest::useClosed);
    provoked.put(
        "no sampler stage named \"topk\". Did you mean \"top-k\"? Found: …",
        () -> Samplers.parse("topk=3"));
    ThrowingCallable withoutSamplers = () -> Samplers.parse("top-p=0.9", Registry.of());
    provoked.put(
        "no sampler stage named \"top-p\". Found: draw, greedy, keep-best. …", withoutSamplers);
    provoked.put("no sampler stage named \"top-p\". …", withoutSamplers);
    provoked.put(
        "stage \"temperature\", value: \"-1\" is not in [0, infinity)",
        () -> Samplers.parse("temperature=-1"));
    provoked.put(
        "expected \"=\", \"(\", \",\" or the end at position 6, found '3' in: top-k 3",
        () -> Samplers.parse("top-k 3"));
    provoked.put(
        "the text of \"choice\" is complete, and the model has no end token to say so: …",
        () -> generator().withSampler("choice=\"a|b\",greedy").generate("It is "));
    provoked.put(
        "no token of the vocabulary can continue the text of \"regex\": it lacks the characters that"
            + " must come next",
        () -> generatorOf("abc").withSampler("regex=\"x\",greedy").generate("a"));
    provoked.put(
        "no tokenizer can be loaded from …. Asked, with their reasons:",
        () -> Tokenizers.load(text));
    provoked.put(
        "no token for U+0064 (d) at index 3 of the text, and the vocabulary has no unknown token; …",
        () -> Tokenizers.learn("character(special=false)", "abc").encode("abcd"));
    provoked.put(
        "no tokenizer named \"bep\". Did you mean \"bpe\"? …",
        () -> Tokenizers.learn("bep", "abc"));
    provoked.put(
        "…: expected a directory with config.json, or a .gguf file",
        () -> LanguageModels.load(text.resolve("notes.txt"), "cpu"));
    provoked.put(
        "runtime \"cpu\", option \"weights\": \"int2\" is not one of auto, f32, int8, int4",
        () -> LanguageModels.load(text, "cpu(weights=int2)"));
    provoked.put(
        "no model.onnx; this runtime runs ONNX graphs, and the weights here are safetensors. The"
            + " runtime cpu runs them as they are: it comes with"
            + " io.fundamentallm:fundamentallm-runtime-cpu. Or one command makes the graph: …",
        () -> LanguageModels.load(safetensors, "gpu"));
    return provoked;
  }

  private TextGenerator generator() {
    return TextGenerator.of(bytes, uniform(bytes));
  }

  private static TextGenerator generatorOf(String characters) {
    Tokenizer letters = Tokenizers.learn("character(special=false)", characters);
    return TextGenerator.of(letters, uniform(letters));
  }

  /** To which all tokens are equally likely, in a context of 64. */
  private static LanguageModel uniform(Tokenizer tokenizer) {
    ModelInfo.Builder info = ModelInfo.builder("uniform", tokenizer.vocabulary().size(), 64);
    return StatelessModel.of(info, (tokens, length, logits) -> Arrays.fill(logits, 0));
  }

  /** Built against an api whose provider had another method. */
  private record Outdated() implements SamplerProvider {
    @Override
    public String name() {
      return "outdated";
    }

    @Override
    public SamplerStage create(Options options) {
      throw new AbstractMethodError("create");
    }
  }

  private static void useClosed() {
    LanguageModel model = uniform(Tokenizers.learn("byte(special=false)", "a"));
    model.close();
    model.open();
  }

  /** Those in the first column of the tables, on whatever page. */
  private static List<String> quoted() throws IOException {
    return Page.all().stream()
        .flatMap(page -> TABLE.matcher(page.text()).results())
        .flatMap((MatchResult table) -> table.group(1).lines())
        .map(row -> row.split(" \\| ", 2)[0])
        .flatMap(cell -> CODE.matcher(cell).results())
        .map((MatchResult code) -> code.group(1))
        .toList();
  }

  /** Sources, with their texts as they are at run time. */
  private static String source(List<String> names) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String name : names) {
      all.append(Files.readString(Page.ROOT.resolve(name)));
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "");
  }

  /** With anything in place of what varies. */
  static Pattern pattern(String message, String varies) {
    String parts =
        Arrays.stream(message.split(varies, -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return Pattern.compile(parts, Pattern.DOTALL);
  }
}
