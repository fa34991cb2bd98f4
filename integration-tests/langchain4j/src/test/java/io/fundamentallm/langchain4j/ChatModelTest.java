package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
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

class ChatModelTest {
  private static final String QUESTION = "I am Ann";

  private TextGenerator generator;
  private ChatModel model;

  @BeforeEach
  void load() throws Exception {
    generator = TinyChat.load();
    model = FundamentaLlmChatModel.of(generator);
  }

  @AfterEach
  void close() {
    generator.close();
  }

  @Test
  void a_response_says_what_was_read_and_written_and_why_it_ended() {
    ChatResponse response = model.chat(UserMessage.from(QUESTION));

    Tokenizer tokenizer = generator.tokenizer();
    int[] prompt =
        tokenizer.encode(
            tokenizer
                .chatTemplate()
                .orElseThrow()
                .segments(List.of(ChatMessage.user(QUESTION)), true));
    assertThat(response.aiMessage().text()).isEqualTo("hello Ann");
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(prompt.length);
    assertThat(response.tokenUsage().outputTokenCount()).isBetween(3, 10); // with the end
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.modelName()).isEqualTo("llama");
    assertThat(response.id()).isNotBlank();
    assertThat(model.chat(UserMessage.from(QUESTION)).id()).isNotEqualTo(response.id());
  }

  @Test
  void the_most_output_tokens_are_a_limit_of_length() {
    ChatResponse response = model.chat(request(parameters().maxOutputTokens(1).build()));

    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(1);
    assertThat("hello Ann").startsWith(response.aiMessage().text());
  }

  @Test
  void no_output_tokens_are_an_empty_answer() {
    ChatResponse response = model.chat(request(parameters().maxOutputTokens(0).build()));

    assertThat(response.aiMessage().text()).isEmpty();
    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void stop_sequences_are_added_to_those_of_the_generator() {
    // the generator's is the line end, without which the answer might run into a next turn
    ChatResponse unmet = model.chat(request(parameters().stopSequences("absent").build()));
    ChatResponse met = model.chat(request(parameters().stopSequences(" Ann").build()));

    assertThat(unmet.aiMessage().text()).isEqualTo("hello Ann");
    assertThat(met.aiMessage().text()).isEqualTo("hello");
    assertThat(met.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void parameters_of_sampling_take_the_place_of_the_generators_sampler() {
    ChatModel wild = FundamentaLlmChatModel.of(generator.withSampler("temperature=50").withSeed(1));

    assertThat(wild.chat(QUESTION)).isNotEqualTo("hello Ann");
    for (ChatRequestParameters tame :
        List.of(
            parameters().temperature(0.0).build(),
            parameters().temperature(50.0).topK(1).build(),
            parameters().topP(1e-5).build())) {
      assertThat(wild.chat(request(tame)).aiMessage().text()).isEqualTo("hello Ann");
    }
  }

  @Test
  void defaults_apply_where_a_request_says_nothing() {
    ChatModel short1 =
        FundamentaLlmChatModel.builder(generator)
            .modelName("host")
            .defaultRequestParameters(parameters().maxOutputTokens(1).temperature(0.0).build())
            .build();

    assertThat(short1.chat(UserMessage.from(QUESTION)).tokenUsage().outputTokenCount()).isOne();
    assertThat(short1.chat(UserMessage.from(QUESTION)).modelName()).isEqualTo("host");
    assertThat(short1.chat(request(parameters().maxOutputTokens(9).build())).aiMessage().text())
        .isEqualTo("hello Ann");
  }

  @Test
  void seed_sampler_and_decoder_are_a_requests_too() {
    ChatModel wild = FundamentaLlmChatModel.of(generator.withSampler("temperature=3"));
    ChatRequestParameters seeded = own().seed(7L).maxOutputTokens(12).build();

    assertThat(answer(wild, seeded)).isEqualTo(answer(wild, seeded));
    assertThat(answer(wild, own().seed(8L).maxOutputTokens(12).build()))
        .isNotEqualTo(answer(wild, seeded));
    assertThat(answer(wild, own().sampler("greedy").build())).isEqualTo("hello Ann");
    assertThat(answer(wild, own().sampler("top-k=1").decoder("speculative").build()))
        .isEqualTo("hello Ann");
    assertThatThrownBy(() -> answer(model, own().decoder("sampeling").build()))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("sampeling");
    assertThatThrownBy(() -> answer(model, own().sampler("greedy").temperature(1.0).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("greedy", "temperature=1.0");
  }

  @Test
  void how_a_request_samples_replaces_all_of_how_the_model_does() {
    ChatModel hot =
        FundamentaLlmChatModel.builder(generator)
            .defaultRequestParameters(own().temperature(50.0).seed(1L).build())
            .build();
    assertThat(answer(hot, own().sampler("greedy").build())).isEqualTo("hello Ann");
    ChatModel chain =
        FundamentaLlmChatModel.builder(generator)
            .defaultRequestParameters(own().sampler("temperature=50").seed(1L).build())
            .build();
    assertThat(answer(chain, parameters().temperature(0.0).build())).isEqualTo("hello Ann");
  }

  @Test
  void a_requests_own_parameters_survive_the_models_defaults() {
    ChatModel tame =
        FundamentaLlmChatModel.builder(generator.withSampler("temperature=3"))
            .defaultRequestParameters(own().sampler("greedy").seed(1L).build())
            .build();

    assertThat(tame.chat(request(parameters().maxOutputTokens(9).build())).aiMessage().text())
        .isEqualTo("hello Ann"); // the request's are LangChain4j's own, which know no sampler
    FundamentaLlmChatRequestParameters both =
        own()
            .thinkingBudget(3)
            .templateArgument("a", 1)
            .build()
            .overrideWith(own().parallelToolCalls(false).templateArgument("b", null).build());
    assertThat(both.thinkingBudget()).isEqualTo(3);
    assertThat(both.parallelToolCalls()).isFalse();
    assertThat(both.templateArguments()).containsEntry("a", 1).containsEntry("b", null);
    assertThat(both)
        .isEqualTo(both.defaultedBy(own().thinkingBudget(9).build()))
        .isNotEqualTo(own().build());
  }

  @Test
  void a_request_may_name_another_model() {
    TextGenerator curt = generator.withMaxNewTokens(1);
    ChatModel two = FundamentaLlmChatModel.builder(generator).model("curt", curt).build();
    ChatResponse response = two.chat(request(parameters().modelName("curt").build()));

    assertThat(response.modelName()).isEqualTo("curt");
    assertThat(response.tokenUsage().outputTokenCount()).isOne();
    assertThat(two.chat(UserMessage.from(QUESTION)).modelName()).isEqualTo("llama");
    assertThatThrownBy(() -> two.chat(request(parameters().modelName("gpt-5").build())))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContainingAll("gpt-5", "\"curt\", \"llama\"");
    assertThatThrownBy(() -> FundamentaLlmChatModel.builder(generator).model("llama", curt).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama");
  }

  @Test
  void what_it_cannot_do_is_refused() {
    ToolSpecification tool = ToolSpecification.builder().name("look at it").build();

    assertThatThrownBy(() -> model.chat(request(parameters().toolSpecifications(tool).build())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("look at it");
    assertThatThrownBy(() -> model.chat(request(parameters().modelName("gpt-5").build())))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContainingAll("modelName", "gpt-5", "llama");
    assertThatThrownBy(() -> model.chat(request(parameters().topP(2.0).build())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("top-p", "(0, 1]");
    assertThatThrownBy(
            () ->
                FundamentaLlmChatModel.builder(generator)
                    .defaultRequestParameters(parameters().modelName("gpt-5").build())
                    .build())
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContainingAll("modelName", "gpt-5", "llama");
    assertThat(model.supportedCapabilities())
        .containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  @Test
  void a_model_without_a_chat_template_is_refused_at_once() {
    Tokenizer plain = Tokenizers.learn("byte", "");
    try (TextGenerator bare = TextGenerator.of(plain, generator.model())) {
      assertThatThrownBy(() -> FundamentaLlmChatModel.of(bare))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("chat_template.jinja", "FundamentaLlmLanguageModel");
    }
  }

  @Test
  void limits_of_the_generator_hold() {
    ChatModel late = FundamentaLlmChatModel.of(generator.with(o -> o.timeLimit(Duration.ZERO)));
    ChatModel unwanted = FundamentaLlmChatModel.of(generator.with(o -> o.cancellation(() -> true)));

    assertThat(late.chat(UserMessage.from(QUESTION)).finishReason()).isEqualTo(FinishReason.OTHER);
    assertThatThrownBy(() -> unwanted.chat(QUESTION)).isInstanceOf(CancellationException.class);
  }

  @Test
  void threads_share_a_model() {
    List<String> answers =
        IntStream.range(0, 24)
            .parallel()
            .mapToObj(i -> model.chat("I am " + List.of("Ann", "Bob", "Eve").get(i % 3)))
            .toList();

    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i)).isEqualTo("hello " + List.of("Ann", "Bob", "Eve").get(i % 3));
    }
  }

  private static dev.langchain4j.model.chat.request.DefaultChatRequestParameters.Builder<?>
      parameters() {
    return ChatRequestParameters.builder();
  }

  private static FundamentaLlmChatRequestParameters.Builder own() {
    return FundamentaLlmChatRequestParameters.builder();
  }

  private static String answer(ChatModel model, ChatRequestParameters parameters) {
    return model.chat(request(parameters)).aiMessage().text();
  }

  private static ChatRequest request(ChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(UserMessage.from(QUESTION))
        .parameters(parameters)
        .build();
  }
}
