package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ToolChoiceOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** OpenAI's object of a response, as its own client reads it. */
class ResponsesTest {
  private static OpenAIClient client;

  @BeforeAll
  static void connect() throws Exception {
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(Server.shared().uri("/v1").toString())
            .apiKey(Server.KEY)
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void disconnect() {
    client.close();
  }

  private static ResponseCreateParams request() {
    return ResponseCreateParams.builder()
        .model("tiny")
        .instructions("Hi")
        .input("I am Ann")
        .addTool(
            FunctionTool.builder()
                .name("weather")
                .description("of a city")
                .parameters(
                    FunctionTool.Parameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                            "properties",
                            JsonValue.from(Map.of("city", Map.of("enum", List.of("Oslo")))))
                        .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                        .build())
                .strict(false)
                .build())
        .toolChoice(ToolChoiceOptions.REQUIRED)
        .parallelToolCalls(false)
        .maxOutputTokens(60)
        .temperature(0.5)
        .topP(0.75)
        .metadata(
            ResponseCreateParams.Metadata.builder()
                .putAdditionalProperty("who", JsonValue.from("ann"))
                .build())
        .build();
  }

  private static void repeatsTheRequest(Response response) {
    ResponseCreateParams request = request();
    assertThat(response.tools().get(0).asFunction())
        .isEqualTo(request.tools().orElseThrow().get(0).asFunction());
    assertThat(response.toolChoice().asOptions()).isEqualTo(ToolChoiceOptions.REQUIRED);
    assertThat(response.parallelToolCalls()).isFalse();
    assertThat(response.maxOutputTokens()).contains(60L);
    assertThat(response.temperature()).contains(0.5);
    assertThat(response.topP()).contains(0.75);
    assertThat(response.instructions().orElseThrow().asString()).isEqualTo("Hi");
    assertThat(response.metadata().orElseThrow()._additionalProperties())
        .containsEntry("who", JsonValue.from("ann"));
    assertThat(response.text().orElseThrow().format().orElseThrow().isText()).isTrue();
    assertThat(response.truncation()).contains(Response.Truncation.DISABLED);
    response.validate();
  }

  @Test
  void it_repeats_what_was_asked() {
    Response response = client.responses().create(request());

    repeatsTheRequest(response);
    assertThat(response.output().get(0).asFunctionCall().name()).isEqualTo("weather");
  }

  @Test
  void so_do_the_events_of_a_stream() {
    try (StreamResponse<ResponseStreamEvent> events =
        client.responses().createStreaming(request())) {
      List<ResponseStreamEvent> all = events.stream().toList();
      repeatsTheRequest(all.get(0).asCreated().response());
      ResponseStreamEvent last = all.get(all.size() - 1);
      repeatsTheRequest(
          last.completed()
              .map(done -> done.response())
              .orElseGet(() -> last.asIncomplete().response()));
    }
  }

  @Test
  void what_was_not_asked_has_openais_values() {
    Response response =
        client.responses().create(ResponseCreateParams.builder().model("tiny").input("I").build());

    response.validate();
    assertThat(response.tools()).isEmpty();
    assertThat(response.toolChoice().asOptions()).isEqualTo(ToolChoiceOptions.AUTO);
    assertThat(response.parallelToolCalls()).isTrue();
    assertThat(response.maxOutputTokens()).isEmpty();
    assertThat(response.instructions()).isEmpty();
  }

  @Test
  void a_named_function_a_format_and_reasoning_are_repeated_as_they_were_sent() throws Exception {
    JsonNode response =
        Server.shared()
            .ask(
                "/v1/responses",
                """
                {"input": "I am Ann", "max_output_tokens": 40, "reasoning": {"effort": "none"},
                 "tools": [{"type": "function", "name": "pay"}],
                 "tool_choice": {"type": "function", "name": "pay"},
                 "user": "u-7", "text": {"verbosity": "medium"}}
                """);

    assertThat(response.at("/tool_choice/name").stringValue()).isEqualTo("pay");
    assertThat(response.at("/tools/0/strict").booleanValue()).isTrue();
    assertThat(response.at("/tools/0/parameters").isNull()).isTrue();
    assertThat(response.at("/reasoning/effort").stringValue()).isEqualTo("none");
    assertThat(response.at("/text/format/type").stringValue()).isEqualTo("text");
    assertThat(response.at("/user").stringValue()).isEqualTo("u-7");
  }
}
