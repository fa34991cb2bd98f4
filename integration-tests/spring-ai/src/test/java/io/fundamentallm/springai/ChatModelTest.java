package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.Tokenizer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;

class ChatModelTest {
  private static final String QUESTION = "I am Ann";

  private TextGenerator generator;
  private ChatModel model;

  @BeforeEach
  void load() throws Exception {
    generator = TinyChat.load(TinyChat.greedy());
    model = FundamentaLlmChatModel.of(generator);
  }

  @AfterEach
  void close() {
    generator.close();
  }

  @Test
  void a_response_says_what_was_read_and_written_and_why_it_ended() {
    ChatResponse response = model.call(new Prompt(QUESTION));

    Tokenizer tokenizer = generator.tokenizer();
    int[] prompt =
        tokenizer.encode(
            tokenizer
                .chatTemplate()
                .orElseThrow()
                .segments(List.of(ChatMessage.user(QUESTION)), true));
    assertThat(text(response)).isEqualTo("hello Ann");
    assertThat(response.getMetadata().getUsage().getPromptTokens()).isEqualTo(prompt.length);
    assertThat(written(response)).isBetween(3, 10); // with the end
    assertThat(response.getMetadata().getUsage().getTotalTokens())
        .isEqualTo(prompt.length + written(response));
    assertThat(reason(response)).isEqualTo("STOP");
    assertThat(response.getMetadata().getModel()).isEqualTo("llama");
  }

  @Test
  void the_most_tokens_are_a_limit_of_length() {
    ChatResponse one = model.call(prompt(ChatOptions.builder().maxTokens(1)));
    ChatResponse none = model.call(prompt(ChatOptions.builder().maxTokens(0)));

    assertThat(reason(one)).isEqualTo("LENGTH");
    assertThat(written(one)).isEqualTo(1);
    assertThat("hello Ann").startsWith(text(one));
    assertThat(text(none)).isEmpty();
    assertThat(reason(none)).isEqualTo("LENGTH");
  }

  @Test
  void stop_sequences_are_added_to_those_of_the_generator() {
    ChatModel stopping = FundamentaLlmChatModel.of(generator.withStops("Ann"));
    ChatOptions.Builder<?> stop = ChatOptions.builder().stopSequences(List.of("absent"));

    assertThat(text(stopping.call(prompt(stop)))).isEqualTo("hello ");
    ChatResponse met = model.call(prompt(ChatOptions.builder().stopSequences(List.of(" Ann"))));
    assertThat(text(met)).isEqualTo("hello");
    assertThat(reason(met)).isEqualTo("STOP");
  }

  @Test
  void options_of_sampling_take_the_place_of_the_generators_sampler() {
    ChatModel wild = FundamentaLlmChatModel.of(generator.withSampler("temperature=50").withSeed(1));

    assertThat(wild.call(QUESTION)).isNotEqualTo("hello Ann");
    for (ChatOptions.Builder<?> tame :
        List.of(
            ChatOptions.builder().temperature(0.0),
            ChatOptions.builder().temperature(50.0).topK(1),
            ChatOptions.builder().topP(1e-5),
            FundamentaLlmChatOptions.builder().sampler("greedy"))) {
      assertThat(text(wild.call(prompt(tame)))).isEqualTo("hello Ann");
    }
  }

  @Test
  void a_seed_gives_the_same_answer_again_and_another_seed_another() {
    List<String> answers =
        List.of(7L, 7L, 8L).stream()
            .map(seed -> FundamentaLlmChatOptions.builder().temperature(5.0).seed(seed))
            .map(options -> text(model.call(prompt(options))))
            .toList();

    assertThat(answers.get(1)).isEqualTo(answers.get(0));
    assertThat(answers.get(2)).isNotEqualTo(answers.get(0));
  }

  @Test
  void a_request_may_name_its_decoder() {
    assertThat(
            text(model.call(prompt(FundamentaLlmChatOptions.builder().decoder("beam(width=3)")))))
        .isEqualTo(
            generator.withDecoder("beam(width=3)").chat(List.of(ChatMessage.user(QUESTION))).text())
        .isNotEqualTo("hello Ann"); // a longer one has the better mean
    assertThatThrownBy(() -> model.call(prompt(FundamentaLlmChatOptions.builder().decoder("beem"))))
        .isInstanceOf(ProviderException.class)
        .hasMessageContainingAll("beem", "beam");
  }

  @Test
  void options_of_the_model_apply_where_a_prompt_says_nothing() {
    ChatModel short1 =
        FundamentaLlmChatModel.builder(generator)
            .options(
                FundamentaLlmChatOptions.builder()
                    .model("host")
                    .maxTokens(1)
                    .sampler("temperature=50")
                    .seed(1L)
                    .build())
            .build();
    ChatResponse response = short1.call(new Prompt(QUESTION));

    assertThat(written(response)).isOne();
    assertThat(response.getMetadata().getModel()).isEqualTo("host");
    assertThat(short1.getOptions().getModel()).isEqualTo("host");
    FundamentaLlmChatOptions.Builder own = FundamentaLlmChatOptions.builder().maxTokens(9);
    assertThat(text(short1.call(prompt(own.sampler("greedy"))))).isEqualTo("hello Ann");
  }

  @Test
  void how_a_request_samples_replaces_all_of_how_the_model_does() {
    FundamentaLlmChatOptions.Builder wild = FundamentaLlmChatOptions.builder().seed(1L);
    ChatModel hot =
        FundamentaLlmChatModel.builder(generator).options(wild.temperature(50.0).build()).build();
    assertThat(text(hot.call(prompt(FundamentaLlmChatOptions.builder().sampler("greedy")))))
        .isEqualTo("hello Ann");
    wild = FundamentaLlmChatOptions.builder().seed(1L).sampler("temperature=50");
    ChatModel chain = FundamentaLlmChatModel.builder(generator).options(wild.build()).build();
    assertThat(text(chain.call(prompt(ChatOptions.builder().temperature(0.0)))))
        .isEqualTo("hello Ann");
  }

  @Test
  void what_it_cannot_do_is_refused() {
    assertThatThrownBy(() -> model.call(prompt(ChatOptions.builder().model("gpt-5"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gpt-5", "llama");
    assertThatThrownBy(() -> model.call(prompt(ChatOptions.builder().topP(2.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("top-p", "(0, 1]");
    assertThatThrownBy(
            () -> model.call(prompt(FundamentaLlmChatOptions.builder().sampler("topp=0.9"))))
        .isInstanceOf(ProviderException.class)
        .hasMessageContainingAll("topp", "top-p");
    assertThatThrownBy(
            () ->
                model.call(
                    prompt(FundamentaLlmChatOptions.builder().sampler("greedy").temperature(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("greedy", "temperature=1.0", "leave out");
  }

  @Test
  void a_model_without_a_chat_template_is_refused_at_once() {
    Tokenizer plain = Tokenizers.learn("byte", "");
    try (TextGenerator bare = TextGenerator.of(plain, generator.model())) {
      assertThatThrownBy(() -> FundamentaLlmChatModel.of(bare))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("chat_template.jinja");
    }
  }

  @Test
  void a_conversation_longer_than_the_context_is_an_error_unless_there_is_a_policy() {
    Prompt novel = new Prompt("I am Ann ".repeat(100));
    ChatModel forgetting =
        FundamentaLlmChatModel.of(
            generator.with(options -> options.contextPolicy(ContextPolicy.truncateLeft())));

    assertThatThrownBy(() -> model.call(novel))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not fit into the model's context of 128");
    assertThat(reason(forgetting.call(novel))).isNotNull();
  }

  @Test
  void limits_of_the_generator_hold() {
    ChatModel late = FundamentaLlmChatModel.of(generator.with(o -> o.timeLimit(Duration.ZERO)));
    ChatModel unwanted = FundamentaLlmChatModel.of(generator.with(o -> o.cancellation(() -> true)));

    assertThat(reason(late.call(new Prompt(QUESTION)))).isEqualTo("OTHER");
    assertThatThrownBy(() -> unwanted.call(QUESTION)).isInstanceOf(CancellationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sampling", "sampling(n=2)", "speculative", "beam(width=2)"})
  void an_answer_follows_its_schema_under_any_decoder(String decoder) {
    ChatModel other = FundamentaLlmChatModel.of(generator.withDecoder(decoder).withStops("FRONT"));
    StructuredOutputChatOptions.Builder<?> place =
        StructuredOutputChatOptions.builder()
            .outputSchema(
                """
                {"type": "object", "additionalProperties": false, "required": ["row", "free"],
                 "properties": {"row": {"enum": ["the \\"\\\\\\t\\n row", "FRONT"]},
                                "free": {"type": "boolean", "description": "it\\tis"}}}""");

    assertThat(text(other.call(prompt(place))))
        .matches(
            "\\s*\\{\\s*\"row\"\\s*:\\s*\"(FRONT|the \\\\\"\\\\\\\\\\\\t\\\\n row)\"\\s*,"
                + "\\s*\"free\"\\s*:\\s*(true|false)\\s*}");
  }

  @Test
  void a_schema_that_cannot_be_followed_is_refused_with_its_place() {
    StructuredOutputChatOptions.Builder<?> not =
        StructuredOutputChatOptions.builder().outputSchema("{\"not\": {\"type\": \"null\"}}");

    assertThatThrownBy(() -> model.call(prompt(not)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not");
  }

  @Test
  void threads_share_a_model() {
    List<String> answers =
        IntStream.range(0, 24)
            .parallel()
            .mapToObj(i -> model.call("I am " + List.of("Ann", "Bob", "Eve").get(i % 3)))
            .toList();

    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i)).isEqualTo("hello " + List.of("Ann", "Bob", "Eve").get(i % 3));
    }
  }

  private static Prompt prompt(ChatOptions.Builder<?> options) {
    return new Prompt(QUESTION, options.build());
  }

  private static String text(ChatResponse response) {
    return response.getResult().getOutput().getText();
  }

  private static int written(ChatResponse response) {
    return response.getMetadata().getUsage().getCompletionTokens();
  }

  private static String reason(ChatResponse response) {
    return response.getResult().getMetadata().getFinishReason();
  }
}
