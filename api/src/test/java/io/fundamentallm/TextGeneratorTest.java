package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.Stubs.Bytes;
import io.fundamentallm.Stubs.Only;
import io.fundamentallm.Stubs.Plain;
import io.fundamentallm.Stubs.Temperature;
import io.fundamentallm.Stubs.Toys;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.ToolChoice;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextGeneratorTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  private final List<ToyModel> loaded = new ArrayList<>();
  private final Registry registry =
      Registry.of()
          .with(
              new Toys("toy", 0, "model", loaded::add),
              new Bytes("model"),
              new Only(),
              new Plain("beam"),
              new Temperature("temperature", 0),
              new Temperature("top-p", 0));
  private Path directory;

  @BeforeEach
  void makeDirectory(@TempDir Path parent) throws IOException {
    directory = Files.createDirectory(parent.resolve("model"));
  }

  @AfterEach
  void unconfigure() {
    System.clearProperty("fundamentallm.sampler");
    System.clearProperty("fundamentallm.decoder");
  }

  private void publish(String json) throws IOException {
    Files.writeString(directory.resolve("generation_config.json"), json);
  }

  private String loadedSampler() throws IOException {
    try (TextGenerator generator = TextGenerator.load(directory, registry)) {
      return generator.options().sampler().toString();
    }
  }

  @Test
  void a_named_runtime_goes_before_others_and_published_settings_apply() throws IOException {
    publish("{\"do_sample\": true, \"temperature\": 0.5, \"top_k\": 0}");
    List<ToyModel> byName = new ArrayList<>();
    Registry two = registry.with(new Toys("named", -1, "elsewhere", byName::add));
    System.setProperty("fundamentallm.runtime", "toy");
    try (TextGenerator generator = TextGenerator.load(directory, "named", two)) {
      assertThat(byName).containsExactly(toy(generator));
      assertThat(generator).hasToString("TextGenerator[" + generator.model().info() + "]");
      assertThat(loaded).isEmpty();
      assertThat(generator.options().sampler()).hasToString(loadedSampler());
    } finally {
      System.clearProperty("fundamentallm.runtime");
    }
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, "nowhere", two))
        .withMessageContaining("nowhere");
  }

  private static TextGenerator generator() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    return TextGenerator.of(BYTES, model, Registry.of().with(new Only()));
  }

  /** The model behind the one that batches. */
  private static ToyModel toy(TextGenerator generator) {
    return (ToyModel) generator.withoutBatching().model();
  }

  /** The model's prompt is the generator's; greedy continuation of it, token by token. */
  private static List<Integer> greedy(int[] prompt, int max) {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    DecodingOptions options =
        DecodingOptions.builder().sampler(Samplers.greedy()).maxNewTokens(max).build();
    return Decoders.sampling().decode(model, prompt, options).stream().map(Token::id).toList();
  }

  private static List<Integer> ids(Generation generation) {
    try (generation) {
      return generation.stream().map(Token::id).toList();
    }
  }

  @Test
  void a_directory_is_loaded_and_generates() throws IOException {
    try (TextGenerator generator = TextGenerator.load(directory, registry)) {
      assertThat(generator.withSampler("only=97").withMaxNewTokens(3).generate("x"))
          .isEqualTo("aaa");
      assertThat(generator.options().maxNewTokens()).isEqualTo(256);
      assertThat(generator.options().sampler()).hasToString("draw");
      assertThat(generator.tokenizer().vocabulary().size()).isEqualTo(258);
    }
    assertThatIllegalStateException().isThrownBy(() -> loaded.get(0).open());
  }

  @Test
  void the_published_defaults_apply() throws IOException {
    publish(
        """
        {"do_sample": true, "temperature": 0.7, "top_k": 0, "top_p": 0.9, "max_new_tokens": 12,
         "num_beams": 4, "eos_token_id": [1, 2], "transformers_version": "4.40"}
        """);
    try (TextGenerator generator = TextGenerator.load(directory, registry)) {
      assertThat(generator.options().sampler()).hasToString("temperature=0.7,top-p=0.9,draw");
      assertThat(generator.options().maxNewTokens()).isEqualTo(12);
    }
  }

  @Test
  void without_sampling_the_published_default_is_greedy() throws IOException {
    publish("{\"temperature\": 0.7, \"top_k\": 50}");
    assertThat(loadedSampler()).isEqualTo("greedy");
  }

  @Test
  void the_process_overrides_what_is_published() throws IOException {
    publish("{\"do_sample\": true, \"top_k\": 7, \"num_beams\": 101}");
    System.setProperty("fundamentallm.sampler", "only=98");
    System.setProperty("fundamentallm.decoder", "sampling");
    assertThat(loadedSampler()).isEqualTo("only=98");
  }

  @Test
  void a_published_stage_that_is_missing_is_told_with_the_file_and_the_model_is_closed()
      throws IOException {
    publish("{\"do_sample\": true}");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(this::loadedSampler)
        .withMessageStartingWith(
            directory.resolve("generation_config.json")
                + " asks for: no sampler stage named \"top-k\"")
        .withMessageContaining("Or set another sampler");
    assertThatIllegalStateException().isThrownBy(() -> loaded.get(0).open());
  }

  @Test
  void a_published_value_out_of_range_is_told_with_the_file() throws IOException {
    publish("{\"num_beams\": 0}");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(this::loadedSampler)
        .withMessageContaining("generation_config.json asks for: decoder \"beam\"")
        .withMessageContaining("[1, 100]");
    publish("{\"max_new_tokens\": -1}");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::loadedSampler)
        .withMessage(
            directory.resolve("generation_config.json")
                + ": \"max_new_tokens\" is -1, expected at least 1");
  }

  @Test
  void a_malformed_published_file_is_an_io_exception_with_path_and_place() throws IOException {
    publish("{\"do_sample\": yes}");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::loadedSampler)
        .withMessage(
            directory.resolve("generation_config.json")
                + ": malformed JSON at byte 14: expected a value");
    publish("{\"top_p\": \"high\"}");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::loadedSampler)
        .withMessageEndingWith("\"top_p\" is high, expected a number");
    assertThat(loaded).isEmpty();
  }

  /** Recognises everything, reads nothing. */
  private record Unreadable(IOException failure) implements TokenizerProvider {
    @Override
    public String name() {
      return "unreadable";
    }

    @Override
    public Support supports(Path path) {
      return Support.yes("it is there");
    }

    @Override
    public Tokenizer load(Path path, Options options) throws IOException {
      throw failure;
    }
  }

  @Test
  void a_tokenizer_that_cannot_be_read_is_said_and_leaves_no_model_open() {
    IOException failure = new IOException("tokenizer.json: byte 7: expected a comma");
    Registry runs =
        Registry.of().with(new Toys("toy", 0, "model", loaded::add), new Unreadable(failure));
    Registry runsNothing = Registry.of().with(new Unreadable(failure));
    for (Registry registry : List.of(runs, runsNothing)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> TextGenerator.load(directory, registry))
          .isSameAs(failure);
    }
    assertThat(failure.getSuppressed()) // the model's own failure, of the second
        .singleElement()
        .isInstanceOf(ProviderException.class);
    assertThat(loaded).hasSize(1);
    assertThatIllegalStateException().isThrownBy(() -> loaded.get(0).open());
  }

  @Test
  void a_null_is_refused_by_the_name_of_what_it_stands_for() {
    assertThatNullPointerException()
        .isThrownBy(() -> generator().withStops("a", null))
        .withMessage("stopStrings[1] is null");
    assertThatNullPointerException()
        .isThrownBy(() -> TrainingData.ofText(ByteTokenizer.plain(), null, 1))
        .withMessage("text");
    assertThatNullPointerException()
        .isThrownBy(() -> TrainingData.ofText(null, "a", 1))
        .withMessage("tokenizer");
    Map<ThrowingCallable, String> calls = new LinkedHashMap<>();
    calls.put(() -> generator().withStops((String[]) null), "stopStrings");
    calls.put(() -> generator().tokens((int[]) null), "prompt");
    calls.put(() -> generator().generateAll(null), "prompts");
    calls.put(() -> generator().generateAll(Arrays.asList("a", null)), "prompts[1] is null");
    calls.put(() -> Tokenizers.learn("auto", (String) null), "documents[0] is null");
    calls.put(() -> Tokenizers.learn("auto", (CharSequence[]) null), "documents");
    calls.put(() -> TrainingData.ofDocuments(ByteTokenizer.plain(), null, 1), "documents");
    calls.put(
        () -> TrainingData.ofDocuments(ByteTokenizer.plain(), Arrays.asList("a", null), 1),
        "documents[1] is null");
    calls.put(() -> ToolChoice.required(null), "tool");
    calls.forEach(
        (call, name) -> assertThatNullPointerException().isThrownBy(call).withMessage(name));
  }

  @Test
  void a_directory_that_nothing_reads_is_refused() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.writeString(other.resolve("notes.txt"), "no model");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(other, registry))
        .withMessageContaining("no tokenizer can be loaded from");
  }

  @Test
  void a_prompt_stands_behind_the_begin_token() {
    TextGenerator greedy = generator().withSampler("greedy").withMaxNewTokens(9);
    assertThat(ids(greedy.tokens("ab"))).isEqualTo(greedy(new int[] {256, 'a', 'b'}, 9));
    assertThat(ids(greedy.tokens(""))).isEqualTo(greedy(new int[] {256}, 9));
  }

  @Test
  void look_alikes_in_a_prompt_are_text() {
    TextGenerator greedy = generator().withSampler("greedy").withMaxNewTokens(5);
    assertThat(ids(greedy.tokens("</s>")))
        .isEqualTo(greedy(new int[] {256, '<', '/', 's', '>'}, 5));
  }

  @Test
  void an_empty_prompt_needs_a_token_to_begin_with() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    TextGenerator plain = TextGenerator.of(ByteTokenizer.plain(), model, Registry.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.generate(""))
        .withMessageContaining("needs a vocabulary with a begin or end token");
  }

  @Test
  void changes_are_copies() {
    TextGenerator original = generator();
    TextGenerator changed =
        original.withSampler("greedy").withSeed(5).withMaxNewTokens(3).withStops("x");
    assertThat(original.options().seed()).isEmpty();
    assertThat(original.options().sampler()).hasToString("draw");
    assertThat(original.options().stopStrings()).isEmpty();
    assertThat(changed.options().seed()).hasValue(5);
    assertThat(changed.options().stopStrings()).containsExactly("x");
    assertThat(changed.model()).isSameAs(original.model());
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> original.withDecoder("beam(width=4)"))
        .withMessageContaining("no decoder named \"beam\"");
  }

  @Test
  void a_stream_gives_the_same_text_in_pieces() {
    TextGenerator generator = generator().withSeed(3).withMaxNewTokens(30);
    try (Stream<String> pieces = generator.stream("It is")) {
      assertThat(String.join("", pieces.toList())).isEqualTo(generator.generate("It is"));
    }
    try (Stream<String> pieces = generator.stream("It is")) {
      assertThat(pieces.findFirst()).isPresent();
    }
    assertThat(toy(generator).openSessions()).isZero();
  }

  @Test
  void all_prompts_are_continued_in_order_each_as_a_sequence_of_its_own() {
    TextGenerator generator = generator().withSeed(3).withMaxNewTokens(12);
    List<String> texts = generator.generateAll(List.of("a", "a", "b"));
    assertThat(texts.get(0)).isEqualTo(generator.generate("a")).isNotEqualTo(texts.get(1));
    assertThat(texts.get(2))
        .isEqualTo(generator.with(options -> options.sequence(2)).generate("b"));
    assertThat(generator.generateAll(List.of("a", "a", "b"))).isEqualTo(texts);
    assertThat(generator.generateAll(List.of())).isEmpty();
  }

  @Test
  void a_text_ends_with_the_context_a_long_prompt_is_an_error_and_cancelled_work_a_cancellation() {
    TextGenerator generator = generator();
    Generation full = generator.tokens("a");
    assertThat(full.text()).isNotEmpty();
    assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThatIllegalStateException()
        .isThrownBy(() -> generator.generate("a".repeat(64)))
        .withMessageContaining("the prompt of 65 tokens does not fit"); // with the one to begin
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> generator.with(o -> o.cancellation(() -> true)).generate("a"));
  }

  @Test
  void a_tokenizer_of_another_model_is_refused() {
    ToyModel small = new ToyModel(ToyModel.info(100, 8).build(), ToyModel.hashing());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextGenerator.of(BYTES, small, Registry.of()))
        .withMessageContaining("258 ids but the model only 100 logits");
  }

  @Test
  void a_tokenizer_that_falls_short_by_more_than_padding_is_refused() {
    ToyModel large = new ToyModel(ToyModel.info(1_024, 8).build(), ToyModel.hashing());
    String message = "258 ids but the model 1024 logits, so 766 of its tokens have no text";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextGenerator.of(BYTES, large, Registry.of()))
        .withMessageContaining(message)
        .withMessageContaining("they do not belong together");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextScorer.of(BYTES, large))
        .withMessageContaining(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelComparer.of(BYTES, large, large))
        .withMessageContaining(message);
    ToyModel padded = new ToyModel(ToyModel.info(512, 8).build(), ToyModel.hashing());
    try (TextGenerator generator = TextGenerator.of(BYTES, padded, Registry.of())) {
      assertThat(generator.model().info().vocabularySize()).isEqualTo(512);
    }
  }

  @Test
  void a_conversation_needs_a_template() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generator().chat(List.of(ChatMessage.user("hello"))))
        .withMessageContaining("no chat template")
        .withMessageContaining("A GGUF file has its own: convert it again");
  }

  @Test
  void a_conversation_is_laid_out_by_the_template_without_another_begin_token() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    ChatTemplate template = (messages, prompt) -> "<s>" + messages.get(0).content() + "</s>";
    TextGenerator chatting =
        TextGenerator.of(new Chatting(BYTES, template), model, Registry.of())
            .withSampler("greedy")
            .withMaxNewTokens(6);
    assertThat(ids(chatting.chat(List.of(ChatMessage.user("hi")))))
        .isEqualTo(greedy(new int[] {256, 'h', 'i', 257}, 6));
  }

  @Test
  void a_conversation_without_messages_is_not_answered() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    TextGenerator chatting =
        TextGenerator.of(new Chatting(BYTES, (messages, prompt) -> "<s>"), model, Registry.of());
    ChatPrompt none = ChatPrompt.of(List.of());
    List<ThrowingCallable> calls =
        List.of(
            () -> chatting.chat(List.of()),
            () -> chatting.chat(none),
            () -> chatting.chatConstraint(none));
    for (ThrowingCallable call : calls) {
      assertThatIllegalArgumentException()
          .isThrownBy(call)
          .withMessage("the conversation has no messages; expected at least one to answer");
    }
  }

  private record Chatting(Tokenizer bytes, ChatTemplate template) implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return bytes.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return bytes.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return bytes.vocabulary();
    }

    @Override
    public Optional<ChatTemplate> chatTemplate() {
      return Optional.of(template);
    }

    @Override
    public void save(Path modelDirectory) throws IOException {
      bytes.save(modelDirectory);
    }
  }
}
