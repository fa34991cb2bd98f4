package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tools in the hands of LangChain4j's AI services, and what a request may say of them. */
class ToolsTest {
  private static final String BOTH =
      "What is the weather in Munich and time in France? Call tools simultaneously (in parallel)";

  /** No city that the model was trained on: the schema's alone can name it. */
  private static final ToolSpecification OSLO =
      ToolSpecification.builder()
          .name("getWeather")
          .parameters(
              JsonObjectSchema.builder()
                  .addProperty("city", JsonEnumSchema.builder().enumValues("Oslo").build())
                  .required("city")
                  .build())
          .build();

  interface Guide {
    String answer(String words);
  }

  interface StreamingGuide {
    TokenStream answer(String words);
  }

  /** What the model was trained to call. */
  static final class Instruments {
    final List<String> called = new ArrayList<>();

    @Tool("the weather of a city")
    String getWeather(@P(name = "city", value = "its name") String city) {
      called.add("weather of " + city);
      return "sunny";
    }

    @Tool("the time in a country")
    String getTime(@P(name = "country", value = "its name") String country) {
      called.add("time of " + country);
      return "14:35";
    }
  }

  private final Instruments instruments = new Instruments();

  @Test
  void a_service_calls_tools_and_answers_with_what_they_gave() {
    Guide guide =
        AiServices.builder(Guide.class)
            .chatModel(FundamentaLlmChatModel.of(KitChat.GENERATOR))
            .tools(instruments)
            .build();

    assertThat(guide.answer(BOTH)).isEqualTo("The sun is out at 14:35");
    assertThat(instruments.called).containsExactly("weather of Munich", "time of France");
  }

  @Test
  void a_streaming_service_calls_tools_in_parallel_and_answers_with_what_they_gave()
      throws Exception {
    StreamingGuide guide =
        AiServices.builder(StreamingGuide.class)
            .streamingChatModel(FundamentaLlmStreamingChatModel.of(KitChat.GENERATOR))
            .tools(instruments)
            .build();
    List<String> text = new ArrayList<>();
    List<String> arguments = new ArrayList<>(List.of("", ""));
    List<String> results = new ArrayList<>();
    List<Integer> pieces = new ArrayList<>();
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();

    guide
        .answer(BOTH)
        .onPartialResponse(text::add)
        .onPartialToolCall(
            piece -> {
              pieces.add(piece.index());
              arguments.set(piece.index(), arguments.get(piece.index()) + piece.partialArguments());
            })
        .onToolExecuted(executed -> results.add(executed.result()))
        .onCompleteResponse(response::complete)
        .onError(response::completeExceptionally)
        .start();

    assertThat(response.get(20, TimeUnit.MINUTES).aiMessage().text())
        .isEqualTo("The sun is out at 14:35");
    assertThat(String.join("", text)).isEqualTo("The sun is out at 14:35");
    assertThat(instruments.called).containsExactly("weather of Munich", "time of France");
    assertThat(arguments).containsExactly("{\"city\": \"Munich\"}", "{\"country\": \"France\"}");
    assertThat(pieces).hasSizeGreaterThan(3).isSorted();
    assertThat(results).containsExactly("sunny", "14:35");
  }

  @Test
  void a_call_is_held_to_its_tools_schema() {
    ChatResponse response = chat(parameters().toolSpecifications(OSLO).build(), "I live in Munich");

    assertThat(response.aiMessage().toolExecutionRequests())
        .extracting(ToolExecutionRequest::arguments)
        .containsExactly("{\"city\": \"Oslo\"}");
    assertThat(response.aiMessage().text()).isNull();
    assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
  }

  @Test
  void one_call_at_a_time_if_asked_for() {
    ChatResponse response =
        chat(
            parameters()
                .parallelToolCalls(false)
                .toolSpecifications(
                    ToolSpecification.builder().name("getWeather").parameters(cities()).build(),
                    ToolSpecification.builder().name("getTime").parameters(cities()).build())
                .build(),
            BOTH);

    assertThat(response.aiMessage().toolExecutionRequests()).hasSize(1);
  }

  @Test
  void a_choice_of_none_is_none_and_of_required_is_one() {
    ChatResponse none =
        chat(
            parameters().toolSpecifications(OSLO).toolChoice(ToolChoice.NONE).build(),
            "I live in Munich");
    // its stop string, the line end, may stand in a call that it was not trained to write
    ChatResponse required =
        FundamentaLlmChatModel.of(KitChat.GENERATOR.withStops())
            .chat(
                request(
                    parameters()
                        .toolSpecifications(OSLO)
                        .toolChoice(ToolChoice.REQUIRED)
                        .parallelToolCalls(false)
                        .build(),
                    "Say 'Hello World'"));

    assertThat(none.aiMessage().hasToolExecutionRequests()).isFalse();
    assertThat(required.aiMessage().toolExecutionRequests())
        .singleElement()
        .satisfies(
            call -> assertThat(call.arguments()).matches("\\{\\s?\"city\"\\s?:\\s?\"Oslo\"\\s?}"));
    assertThatThrownBy(
            () -> chat(parameters().toolChoice(ToolChoice.REQUIRED).build(), "I live in Munich"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a tool is required, and there is none");
  }

  @Test
  void a_call_that_is_cut_off_is_no_call() {
    ChatResponse response =
        chat(parameters().toolSpecifications(OSLO).maxOutputTokens(15).build(), "I live in Munich");

    assertThat(response.aiMessage().hasToolExecutionRequests()).isFalse();
    assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  private static JsonObjectSchema cities() {
    return JsonObjectSchema.builder().addStringProperty("city").required("city").build();
  }

  private static FundamentaLlmChatRequestParameters.Builder parameters() {
    return FundamentaLlmChatRequestParameters.builder();
  }

  private static ChatResponse chat(ChatRequestParameters parameters, String words) {
    return FundamentaLlmChatModel.of(KitChat.GENERATOR).chat(request(parameters, words));
  }

  private static ChatRequest request(ChatRequestParameters parameters, String words) {
    return ChatRequest.builder().messages(UserMessage.from(words)).parameters(parameters).build();
  }
}
