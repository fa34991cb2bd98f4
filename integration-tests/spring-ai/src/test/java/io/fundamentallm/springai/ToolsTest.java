package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.ToolChat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.ai.tool.function.FunctionToolCallback;
import reactor.test.StepVerifier;

/** Tools in the hands of Spring AI's {@code ChatClient}, and what options say of them. */
class ToolsTest {
  private static final TextGenerator GENERATOR = ToolChat.load();

  enum City {
    OSLO
  }

  record Place(City city) {}

  record Town(String city) {}

  record Country(String country) {}

  static final class Eyes {
    @Tool(description = "looks")
    String look(@ToolParam(description = "where") int at) {
      return "nothing at " + at;
    }
  }

  private final List<String> called = new ArrayList<>();
  private final FundamentaLlmChatModel model = FundamentaLlmChatModel.of(GENERATOR);
  private final ChatClient client = ChatClient.create(model);

  @AfterAll
  static void close() {
    GENERATOR.close();
  }

  /** What the model was trained to call. */
  private ToolCallback[] both() {
    return new ToolCallback[] {
      FunctionToolCallback.<Town, String>builder(
              "getWeather",
              place -> {
                called.add("weather of " + place.city());
                return "sunny";
              })
          .description("the weather of a city")
          .inputType(Town.class)
          .build(),
      FunctionToolCallback.<Country, String>builder(
              "getTime",
              place -> {
                called.add("time of " + place.country());
                return "14:35";
              })
          .description("the time in a country")
          .inputType(Country.class)
          .build()
    };
  }

  @Test
  void a_client_calls_tools_and_answers_with_what_they_gave() {
    assertThat(client.prompt(ToolChat.BOTH).tools((Object[]) both()).call().content())
        .isEqualTo("The sun is out at 14:35");
    assertThat(called).containsExactly("weather of Munich", "time of France");
  }

  @Test
  void a_stream_calls_tools_in_parallel_and_answers_with_what_they_gave() {
    ChatMemory memory = MessageWindowChatMemory.builder().build();
    ChatClient remembering =
        client
            .mutate()
            .defaultAdvisors(
                advisors ->
                    advisors
                        .advisors(MessageChatMemoryAdvisor.builder(memory).build())
                        .param(ChatMemory.CONVERSATION_ID, "one"))
            .build();
    List<String> pieces = new ArrayList<>();

    StepVerifier.create(
            remembering.prompt(ToolChat.BOTH).tools((Object[]) both()).stream()
                .content()
                .doOnNext(pieces::add))
        .thenConsumeWhile(piece -> true)
        .expectComplete()
        .verify(Duration.ofMinutes(10));

    assertThat(String.join("", pieces)).isEqualTo("The sun is out at 14:35");
    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(called).containsExactly("weather of Munich", "time of France");
    assertThat(memory.get("one"))
        .last()
        .extracting(message -> message.getText())
        .isEqualTo("The sun is out at 14:35");
  }

  @Test
  void a_model_streams_whole_calls_and_ends_with_its_reason() {
    List<ChatResponse> responses =
        model.stream(new Prompt(ToolChat.BOTH, options().build())).collectList().block();

    assertThat(calls(responses))
        .extracting(AssistantMessage.ToolCall::name, AssistantMessage.ToolCall::arguments)
        .containsExactly(
            tuple("getWeather", "{\"city\": \"Munich\"}"),
            tuple("getTime", "{\"country\": \"France\"}"));
    assertThat(calls(responses)).extracting(AssistantMessage.ToolCall::id).doesNotHaveDuplicates();
    assertThat(responses.get(responses.size() - 1).getResult().getMetadata().getFinishReason())
        .isEqualTo("TOOL_CALLS");
    ChatResponse whole = model.call(new Prompt(ToolChat.BOTH, options().build()));
    assertThat(calls(List.of(whole))).hasSize(2);
    assertThat(whole.getResult().getMetadata().getFinishReason()).isEqualTo("TOOL_CALLS");
    assertThat(whole.getMetadata().getUsage())
        .isEqualTo(responses.get(responses.size() - 1).getMetadata().getUsage());
  }

  @Test
  void one_call_at_a_time_if_asked_for_and_none() {
    ChatResponse one =
        model.call(new Prompt(ToolChat.BOTH, options().parallelToolCalls(false).build()));
    ChatResponse none = model.call(new Prompt(ToolChat.BOTH, options().toolChoice("none").build()));

    assertThat(calls(List.of(one))).hasSize(1);
    assertThat(calls(List.of(none))).isEmpty();
  }

  @Test
  void a_tool_can_be_required_and_is_held_to_its_schema() {
    // its stop string, the line end, may stand in a call that it was not trained to write
    FundamentaLlmChatModel free = FundamentaLlmChatModel.of(GENERATOR.withStops());
    FundamentaLlmChatOptions.Builder required =
        FundamentaLlmChatOptions.builder()
            .toolCallbacks(
                FunctionToolCallback.<Place, String>builder("getWeather", place -> "cold")
                    .description("the weather of a city")
                    .inputType(Place.class)
                    .build())
            .parallelToolCalls(false);

    for (String choice : List.of("required", "getWeather")) {
      ChatResponse response = free.call(new Prompt("hello", required.toolChoice(choice).build()));
      assertThat(calls(List.of(response)))
          .singleElement()
          .satisfies(
              call ->
                  assertThat(call.arguments()).matches("\\{\\s?(\"city\"\\s?:\\s?\"OSLO\"\\s?)?}"));
    }
    assertThatThrownBy(() -> free.call(new Prompt("hello", required.toolChoice("getTime").build())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("getTime");
  }

  @Test
  void a_call_that_is_cut_off_is_no_call() {
    ChatResponse response = model.call(new Prompt(ToolChat.BOTH, options().maxTokens(8).build()));

    assertThat(response.hasToolCalls()).isFalse();
    assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
  }

  @Test
  void annotated_methods_are_tools() {
    FundamentaLlmChatModel free = FundamentaLlmChatModel.of(GENERATOR.withStops());

    ChatResponse response =
        free.call(
            new Prompt(
                "hello",
                FundamentaLlmChatOptions.builder()
                    .toolCallbacks(ToolCallbacks.from(new Eyes()))
                    .toolChoice("required")
                    .parallelToolCalls(false)
                    .build()));

    assertThat(calls(List.of(response)))
        .singleElement()
        .satisfies(call -> assertThat(call.name()).isEqualTo("look"));
  }

  private FundamentaLlmChatOptions.Builder options() {
    return FundamentaLlmChatOptions.builder().toolCallbacks(both());
  }

  private static List<AssistantMessage.ToolCall> calls(List<ChatResponse> responses) {
    return responses.stream()
        .flatMap(response -> response.getResult().getOutput().getToolCalls().stream())
        .toList();
  }
}
