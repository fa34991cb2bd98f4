package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import io.fundamentallm.fixtures.TinyChat;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Tools, for the official client and for others. The model was never told of any: that its calls
 * are of known tools with valid arguments is the service's doing.
 */
class ToolsTest {
  /** As Mistral's, whose calls are a list; thinking as Qwen's. */
  static final String TEMPLATE =
      """
      <|begin|>{% for m in messages %}{{ m['role'] + '\\n' + (m['content'] or '') + '\\n' }}\
      {% for c in m.tool_calls or [] %}[TOOL_CALLS] [{{ c.function | tojson }}]{% endfor %}\
      {% endfor %}{% if tools %}{% endif %}{% if add_generation_prompt %}{{ 'assistant\\n' }}{% endif %}\
      {% if enable_thinking %}{{ '[THINK]' }}{% endif %}\
      """;

  private static final String TOOL =
      "{'type': 'function', 'function': {'name': '%s', 'description': 'x', 'parameters': {'type':"
          + " 'object', 'properties': {'city': {'enum': ['Oslo', 'Rome']}, 'days': {'type':"
          + " 'integer', 'minimum': 0, 'maximum': 9}}, 'required': ['city']}}}";

  @TempDir private static Path folder;
  private static Server server;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws Exception {
    Path model = TinyChat.copy(TinyChat.longContext(), folder.resolve("model"), false);
    Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    server = Server.start(model, "--fundamentallm.model-name=tiny");
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey(Server.KEY)
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static FunctionDefinition function(String name) {
    return FunctionDefinition.builder()
        .name(name)
        .description("The weather of a city.")
        .parameters(
            FunctionParameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty(
                    "properties",
                    JsonValue.from(Map.of("city", Map.of("enum", List.of("Oslo", "Rome")))))
                .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                .build())
        .build();
  }

  private static ChatCompletionCreateParams.Builder asking() {
    return ChatCompletionCreateParams.builder()
        .model("tiny")
        .addUserMessage("Is it cold?")
        .addFunctionTool(function("weather"))
        .addFunctionTool(function("forecast"))
        .putAdditionalBodyProperty("reasoning_effort", JsonValue.from("none"))
        .maxCompletionTokens(160);
  }

  private static void check(ChatCompletionMessageFunctionToolCall call) {
    assertThat(call.id()).matches("[a-z0-9]{9}");
    assertThat(call.function().name()).isIn("weather", "forecast");
    JsonNode arguments = Server.json(call.function().arguments());
    assertThat(arguments.get("city").stringValue()).isIn("Oslo", "Rome");
    assertThat(arguments.size()).isEqualTo(1);
  }

  private static List<ChatCompletionMessageFunctionToolCall> calls(ChatCompletionMessage message) {
    return message.toolCalls().orElseThrow().stream().map(call -> call.asFunction()).toList();
  }

  @Test
  void parallel_calls_stream_there_and_their_results_go_back() {
    int parallel = 0;
    for (int seed = 0; seed < 30 && parallel == 0; seed++) {
      ChatCompletionCreateParams.Builder asking =
          asking()
              .putAdditionalBodyProperty("seed", JsonValue.from(seed))
              .temperature(2)
              .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED);
      ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
      List<ChatCompletionChunk> chunks;
      try (StreamResponse<ChatCompletionChunk> stream =
          client.chat().completions().createStreaming(asking.build())) {
        chunks = stream.stream().peek(whole::accumulate).toList();
      }
      ChatCompletion.Choice choice = whole.chatCompletion().choices().get(0);
      if (!choice.finishReason().equals(ChatCompletion.Choice.FinishReason.TOOL_CALLS)) {
        continue; // cut off among many calls
      }
      List<ChatCompletionMessageFunctionToolCall> calls = calls(choice.message());
      calls.forEach(ToolsTest::check);
      parallel = calls.size() > 1 ? calls.size() : 0;
      assertThat(calls.stream().map(call -> call.id()).collect(Collectors.toSet()))
          .hasSameSizeAs(calls);
      assertThat(chunks.size()).isGreaterThan(5 * calls.size()); // arguments grow

      ChatCompletionCreateParams.Builder next = asking().addMessage(choice.message());
      calls.forEach(
          call ->
              next.addMessage(
                  ChatCompletionToolMessageParam.builder()
                      .toolCallId(call.id())
                      .content("-3 °C")
                      .build()));
      ChatCompletion answer = client.chat().completions().create(next.temperature(0).build());
      assertThat(answer.choices().get(0).message().content()).isPresent();
    }
    assertThat(parallel).isGreaterThan(1);
  }

  @Test
  void one_call_at_most_if_the_client_says_so() {
    for (int seed = 0; seed < 5; seed++) {
      ChatCompletion answer =
          client
              .chat()
              .completions()
              .create(
                  asking()
                      .putAdditionalBodyProperty("seed", JsonValue.from(seed))
                      .temperature(1.5)
                      .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                      .parallelToolCalls(false)
                      .build());
      List<ChatCompletionMessageFunctionToolCall> calls = calls(answer.choices().get(0).message());
      assertThat(calls).hasSize(1);
      check(calls.get(0));
    }
  }

  @Test
  void without_a_choice_the_model_answers_as_it_likes() {
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("tiny")
                    .addUserMessage("I am Ann")
                    .addFunctionTool(function("weather"))
                    .temperature(0)
                    .build());
    assertThat(answer.choices().get(0).message().content()).contains("hello Ann");
    assertThat(answer.choices().get(0).finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
  }

  private static JsonNode message(String fields) throws Exception {
    return server
        .ask(
            "/v1/chat/completions",
            ("{'messages': [{'role': 'user', 'content': 'I am Ann'}], 'seed': 1, " + fields + "}")
                .replace('\'', '"'))
        .get("choices")
        .get(0);
  }

  @Test
  void a_tool_that_is_named_is_called() throws Exception {
    JsonNode choice =
        message(
            "'temperature': 0, 'max_tokens': 300, 'reasoning_effort': 'none', 'tools': ["
                + TOOL.formatted("a")
                + ", "
                + TOOL.formatted("b")
                + "], 'tool_choice': {'type': 'function', 'function': {'name': 'b'}}");
    assertThat(choice.get("message").get("tool_calls").size()).isPositive();
    for (JsonNode call : choice.get("message").get("tool_calls")) {
      assertThat(call.get("function").get("name").stringValue()).isEqualTo("b");
    }
  }

  @Test
  void thinking_is_apart_within_its_budget_and_can_be_off() throws Exception {
    JsonNode thinking =
        message(
            "'temperature': 0, 'max_tokens': 40, 'reasoning_effort': 'low', 'reasoning_budget': 3");
    assertThat(thinking.get("message").get("reasoning_content").stringValue()).isNotEmpty();
    JsonNode off = message("'temperature': 0, 'reasoning_effort': 'none'");
    assertThat(off.get("message").has("reasoning_content")).isFalse();
    assertThat(off.get("message").get("content").stringValue()).isEqualTo("hello Ann");
  }

  @Test
  void a_response_tells_how_many_of_its_tokens_are_thinking() throws Exception {
    String asked = "{'input': 'I am Ann', 'temperature': 0, 'reasoning': {'effort': '%s'}}";
    JsonNode thinking =
        server.ask("/v1/responses", asked.formatted("low").replace('\'', '"')).get("usage");
    int tokens = thinking.at("/output_tokens_details/reasoning_tokens").intValue();
    assertThat(tokens).isPositive().isLessThanOrEqualTo(thinking.get("output_tokens").intValue());
    JsonNode off =
        server.ask("/v1/responses", asked.formatted("none").replace('\'', '"')).get("usage");
    assertThat(off.at("/output_tokens_details/reasoning_tokens").intValue()).isZero();
  }

  @Test
  void a_schema_that_allows_anything_is_one() throws Exception {
    JsonNode answer =
        message(
            "'temperature': 0, 'max_tokens': 300, 'reasoning_effort': 'none', 'response_format':"
                + " {'type': 'json_schema', 'json_schema': {'name': 'n', 'schema': true}}");
    assertThat(answer.get("message").get("content").stringValue()).isNotEmpty();
  }

  @Test
  void text_beside_tools_keeps_to_its_format() throws Exception {
    JsonNode answer =
        message(
            "'temperature': 0, 'max_tokens': 300, 'reasoning_effort': 'none', 'tools': ["
                + TOOL.formatted("a")
                + "], 'tool_choice': 'none', 'response_format': {'type': 'json_schema',"
                + " 'json_schema': {'name': 'n', 'schema': {'enum': ['x', 'y']}}}");
    assertThat(answer.get("message").get("content").stringValue()).isIn("\"x\"", "\"y\"");
    JsonNode call =
        message(
            "'temperature': 0, 'max_tokens': 300, 'reasoning_effort': 'none', 'tools': ["
                + TOOL.formatted("a")
                + "], 'tool_choice': 'required', 'response_format': {'type': 'json_object'}");
    assertThat(call.get("message").get("tool_calls").size()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'tools': [{'type': 'retrieval'}]`| tools[0].type",
        "`'tools': [{'type': 'function', 'function': {'name': 'a b'}}]`| tools[0].function.name",
        "`'tools': [{'type': 'function', 'function': {'name': 'a', 'parameters': []}}]`| tools[0].function.parameters",
        "`'tools': [{'type': 'function', 'function': {'name': 'a'}}, {'type': 'function', 'function': {'name': 'a'}}]`| tools",
        "`'tools': [{'type': 'function', 'function': {'name': 'a', 'parameters': {'not': {}}}}]`| tools",
        "`'tools': [{'type': 'function', 'function': {'name': 'a'}}], 'tool_choice': {'type': 'function', 'function': {'name': 'b'}}`| tool_choice",
        "`'tools': [{'type': 'function', 'function': {'name': 'a'}}], 'tool_choice': 'always'`| tool_choice",
        "`'messages': [{'role': 'tool', 'content': 'x', 'tool_call_id': 'y'}]`| messages[0].tool_call_id",
        "`'messages': [{'role': 'assistant', 'tool_calls': [{'id': 'x'}]}]`| messages[0].tool_calls"
      })
  void what_is_wrong_is_named(String fields, String param) throws Exception {
    String messages =
        fields.contains("messages") ? "" : "'messages': [{'role': 'user', 'content': 'x'}], ";
    HttpResponse<String> response =
        server.post("/v1/chat/completions", ("{" + messages + fields + "}").replace('\'', '"'));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Server.json(response.body()).get("error").get("param").stringValue())
        .isEqualTo(param);
  }

  @Test
  void hostile_tools_are_refused_and_nothing_is_held() throws Exception {
    String bomb =
        "{'$defs': {'a': {'allOf': [{'$ref': '#/$defs/a'}, {'$ref': '#/$defs/a'}]}}, '$ref':"
            + " '#/$defs/a'}";
    for (String tools :
        List.of(
            "{'type': 'function', 'function': {'name': '" + "x".repeat(64 << 10) + "'}}",
            String.join(", ", java.util.Collections.nCopies(1000, TOOL.formatted("a"))),
            "{'type': 'function', 'function': {'name': 'a', 'parameters': " + bomb + "}}",
            "{'type': 'function', 'function': {'name': 'a', 'parameters': "
                + "{'items':".repeat(60)
                + "{}"
                + "}".repeat(60)
                + "}}")) {
      HttpResponse<String> response =
          server.post(
              "/v1/chat/completions",
              ("{'messages': [{'role': 'user', 'content': 'x'}], 'tools': [" + tools + "]}")
                  .replace('\'', '"'));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.body().length()).isLessThan(2_000);
    }
    Server.await("nothing runs", () -> server.is("fundamentallm.requests.running", 0));
    assertThat(message("'temperature': 0").get("message").get("content").stringValue())
        .isEqualTo("hello Ann");
  }
}
