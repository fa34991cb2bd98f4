package com.example.pages;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.spi.StatelessModel;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
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
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The messages among the symptoms of the page on troubleshooting are those that users see. */
class SymptomsTest {
  private static final Pattern SYMPTOM = Pattern.compile("(?m)^\\| (.*?) \\| .* \\|$");
  private static final Pattern CODE = Pattern.compile("`([^`]* [^`]* [^`]*)`");

  /** Other tests see these, or other programs print them. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "Module jdk.incubator.vector not found",
          "SLF4J(W): No SLF4J providers were found.",
          "WARNING: Using incubator modules: jdk.incubator.vector",
          "CPU kernels: scalar",
          "the model does not fit into the heap",
          "does not fit this version of the api",
          "… is missing: add the jar that has it; …");

  @TempDir static Path fixture;

  @TempDir private Path folder;

  private final Tokenizer bytes = Tokenizers.learn("byte", Austen.TEXT);

  @BeforeAll
  static void writeModel() throws IOException {
    Fixture.write(fixture);
  }

  @Test
  void quoted_messages_are_what_users_see() throws IOException {
    Map<String, ThrowingCallable> provoked = provoked();
    Set<String> unquoted = new HashSet<>(provoked.keySet());
    for (String message : quoted()) {
      if (!ELSEWHERE.contains(message)) {
        assertThat(provoked).as("how to get the message").containsKey(message);
        unquoted.remove(message);
        Throwable thrown = catchThrowable(provoked.get(message));
        assertThat(thrown).as(message).isNotNull();
        assertThat(thrown.getMessage()).containsPattern(MessagesTest.pattern(message, "…"));
      }
    }
    assertThat(unquoted).as("messages that the page does not quote any more").isEmpty();
  }

  /** By the message as it is quoted. */
  private Map<String, ThrowingCallable> provoked() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Map<String, ThrowingCallable> provoked = new HashMap<>();
    provoked.put(
        "no runtime named \"cpu\". None was found at all.",
        () -> LanguageModels.load(empty, "cpu", Registry.of()));
    provoked.put("no tokenizer can be loaded from …", () -> Tokenizers.load(empty));
    byte[] weights = Files.readAllBytes(fixture.resolve("model/model.safetensors"));
    provoked.put(
        "… lies at […], but the data end at …",
        () -> load("torn", Arrays.copyOf(weights, weights.length - 8)));
    provoked.put(
        "a header of … bytes is claimed; …: it is no safetensors file",
        () -> load("page", "<!DOCTYPE html><title>404</title>".getBytes(UTF_8)));
    provoked.put(
        "…: it is a pointer of Git LFS and not the file itself; …",
        () -> load("pointer", "version https://git-lfs.github.com/spec/v1\n".getBytes(UTF_8)));
    Path half = Files.createDirectory(folder.resolve("half"));
    Files.writeString(half.resolve("tokenizer.json"), "{\"model\": ");
    provoked.put("…; the file ends too early: …", () -> Tokenizers.load(half));
    Path cut = folder.resolve("cut");
    Fixture.copy(fixture.resolve("model"), cut);
    Files.writeString(cut.resolve("config.json"), "{\"model_type\": ");
    provoked.put("malformed JSON at byte …", () -> LanguageModels.load(cut, "cpu"));
    provoked.put(
        "the logit of token … at position … is NaN", () -> generator(Float.NaN).generate("It"));
    provoked.put(
        "stage \"…\": the logit of token … at position … was set to NaN",
        () ->
            generate(
                SamplerStage.processor(binding -> step -> step.logits().setScore(0, Float.NaN))));
    provoked.put(
        "stage \"…\" chose token …; expected one of the vocabulary, in [0, …)",
        () -> generate(SamplerStage.choice(binding -> step -> 1 << 20)));
    provoked.put(
        "the text to train on has … tokens; a window of contextLength … and the token after it take"
            + " …",
        () -> train("It is a truth", plan().build()));
    Path endless = Files.createDirectory(folder.resolve("endless"));
    Tokenizers.learn("character(special=false)", Austen.TEXT).save(endless);
    Files.writeString(
        endless.resolve("chat_template.jinja"), "{{ eos_token + messages[0].content }}");
    provoked.put(
        "'eos_token' is undefined: neither tokenizer_config.json nor the tokenizer's vocabulary has"
            + " one; …",
        () -> TrainingData.ofConversations(Tokenizers.load(endless), 1, talk(endless)));
    String text = Austen.TEXT;
    train(text, plan().steps(20).checkpoints(20, 2).build());
    provoked.put(
        "…/checkpoint-20 is of an earlier training; …",
        () -> train(text, plan().steps(20).checkpoints(20, 2).build()));
    provoked.put(
        "… cannot be resumed: it has steps 20 and not 40; …",
        () -> train(text, plan().steps(40).checkpoints(20, 2).resume().build()));
    return provoked;
  }

  private static Path talk(Path folder) throws IOException {
    String talk =
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Hm\"}, {\"role\": \"assistant\", \"content\": \"A\"}]}";
    return Files.writeString(folder.resolve("talk.jsonl"), talk);
  }

  private void load(String name, byte[] weights) throws IOException {
    Path model = folder.resolve(name);
    Fixture.copy(fixture.resolve("model"), model);
    Files.write(model.resolve("model.safetensors"), weights);
    LanguageModels.load(model, "cpu");
  }

  /** All scores are the same. */
  private TextGenerator generator(float logit) {
    ModelInfo.Builder info = ModelInfo.builder("uniform", bytes.vocabulary().size(), 64);
    return TextGenerator.of(
        bytes, StatelessModel.of(info, (tokens, length, row) -> Arrays.fill(row, logit)));
  }

  private void generate(SamplerStage stage) {
    Registry registry = Registry.standard().with(new Stage(stage));
    generator(0)
        .with(options -> options.sampler(Samplers.parse("own", registry)))
        .generate("It is a truth");
  }

  private record Stage(SamplerStage stage) implements SamplerProvider {
    @Override
    public String name() {
      return "own";
    }

    @Override
    public SamplerStage create(Options options) {
      return stage;
    }
  }

  private TrainingPlan.Builder plan() {
    return TrainingPlan.builder(folder.resolve("trained"))
        .architecture("llama(layers=1,heads=1,hidden-size=8)")
        .contextLength(16)
        .batchSize(2)
        .steps(2);
  }

  private void train(String text, TrainingPlan plan) throws IOException {
    Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(bytes, text, 1), plan);
  }

  /** Code of more than two words in the first column of the page's tables. */
  private static List<String> quoted() throws IOException {
    String page = Files.readString(Page.ROOT.resolve("api/troubleshooting.md"));
    return SYMPTOM
        .matcher(page)
        .results()
        .flatMap((MatchResult row) -> CODE.matcher(row.group(1)).results())
        .map((MatchResult code) -> code.group(1))
        .toList();
  }
}
