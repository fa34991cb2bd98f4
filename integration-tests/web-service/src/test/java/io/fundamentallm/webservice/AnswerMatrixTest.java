package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.script.AnswerMatrix;
import io.fundamentallm.fixtures.script.AnswerMatrix.Answer;
import io.fundamentallm.fixtures.script.AnswerMatrix.Cell;
import io.fundamentallm.fixtures.script.AnswerMatrix.Door;
import io.fundamentallm.fixtures.script.AnswerMatrix.Format;
import io.fundamentallm.fixtures.script.AnswerMatrix.Thinking;
import io.fundamentallm.fixtures.script.AnswerMatrix.Tools;
import io.fundamentallm.fixtures.script.ScriptedChat;
import io.fundamentallm.fixtures.script.ScriptedChat.Kind;
import io.fundamentallm.fixtures.script.ScriptedChat.Template;
import io.fundamentallm.fixtures.script.ScriptedRuntime;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.LanguageModelProvider;
import java.io.File;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Thinking × format × tools, through each of the service's three doors for chats. */
class AnswerMatrixTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @TempDir private static Path folder;
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    Path services = Files.createDirectories(folder.resolve("plugin/META-INF/services"));
    Files.writeString(
        services.resolve(LanguageModelProvider.class.getName()), ScriptedRuntime.class.getName());
    List<String> options = new ArrayList<>(List.of("--fundamentallm.limits.max-tokens=400"));
    for (Template template : Template.values()) {
      for (Kind kind : Kind.values()) {
        Path model = ScriptedChat.write(folder.resolve(name(template, kind)), template, kind);
        options.add("--fundamentallm.models." + name(template, kind) + ".path=" + model);
      }
    }
    Path runtime =
        Path.of(ScriptedRuntime.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    server =
        Server.startWith(
            folder.resolve("plugin") + File.pathSeparator + runtime,
            ScriptedChat.write(folder.resolve("first"), Template.NONE, Kind.TEXT),
            options.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static String name(Template template, Kind kind) {
    return (template + "-" + kind).toLowerCase(Locale.ROOT);
  }

  private static ObjectNode request(Cell cell) {
    return JSON.objectNode()
        .put("model", name(cell.template(), cell.kind()))
        .put("temperature", 0)
        .put("stream", cell.streamed());
  }

  private static ObjectNode user(Cell cell) {
    return JSON.objectNode().put("role", "user").put("content", cell.message());
  }

  private static JsonNode schema() {
    return Server.json(AnswerMatrix.SCHEMA);
  }

  private static List<JsonNode> send(String path, ObjectNode request) throws Exception {
    HttpResponse<String> response = server.post(path, request.toString());
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + ": " + response.body());
    }
    if (!request.get("stream").booleanValue()) {
      return List.of(Server.json(response.body()));
    }
    return response
        .body()
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> Server.json(line.substring("data: ".length())))
        .toList();
  }

  /** Puts pieces together. */
  private static final class Parts {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final List<StringBuilder> calls = new ArrayList<>();
    private final List<String> pieces = new ArrayList<>();

    void text(String more) {
      text.append(more);
      pieces.add(more);
    }

    void thinking(String more) {
      thinking.append(more);
      pieces.add(more);
    }

    void begin(String name) {
      calls.add(new StringBuilder(name + " "));
    }

    void arguments(String more) {
      calls.get(calls.size() - 1).append(more);
      pieces.add(more);
    }

    Answer answer() {
      return new Answer(
          text.toString(),
          thinking.toString(),
          calls.stream().map(StringBuilder::toString).toList(),
          pieces);
    }
  }

  private static Answer chat(Cell cell) throws Exception {
    return chat(cell, false);
  }

  private static Answer chat(Cell cell, boolean bySampler) throws Exception {
    ObjectNode request = request(cell).put("max_completion_tokens", 400);
    request.putArray("messages").add(user(cell));
    if (bySampler) {
      request.remove("temperature");
      String schema = "json-schema=" + Spec.quoted(AnswerMatrix.SCHEMA);
      request.put("sampler", (cell.format() == Format.OBJECT ? "json-object" : schema) + ",greedy");
    } else if (cell.format() == Format.OBJECT) {
      request.putObject("response_format").put("type", "json_object");
    } else if (cell.format() == Format.SCHEMA) {
      request
          .putObject("response_format")
          .put("type", "json_schema")
          .putObject("json_schema")
          .put("name", "text")
          .set("schema", schema());
    }
    if (cell.tools() != Tools.NONE) {
      request
          .putArray("tools")
          .addObject()
          .put("type", "function")
          .putObject("function")
          .put("name", AnswerMatrix.TOOL)
          .set("parameters", schema());
    }
    if (cell.tools() == Tools.FORCED) {
      request
          .putObject("tool_choice")
          .put("type", "function")
          .putObject("function")
          .put("name", AnswerMatrix.TOOL);
    }
    switch (cell.thinking()) {
      case FREE -> request.put("reasoning_effort", "medium");
      case LIMITED -> request.put("reasoning_budget", AnswerMatrix.BUDGET);
      case NONE -> request.put("reasoning_effort", "none");
    }
    Parts parts = new Parts();
    for (JsonNode part : send("/v1/chat/completions", request)) {
      JsonNode choice = part.get("choices").get(0);
      JsonNode said = choice.get(cell.streamed() ? "delta" : "message");
      parts.thinking(said.path("reasoning_content").stringValue(""));
      parts.text(said.path("content").stringValue(""));
      for (JsonNode call : said.path("tool_calls")) {
        JsonNode function = call.get("function");
        if (function.has("name")) {
          parts.begin(function.get("name").stringValue());
        }
        parts.arguments(function.path("arguments").stringValue(""));
      }
    }
    return parts.answer();
  }

  private static Answer responses(Cell cell) throws Exception {
    ObjectNode request = request(cell).put("max_output_tokens", 400);
    request.putArray("input").add(user(cell));
    if (cell.format() == Format.OBJECT) {
      request.putObject("text").putObject("format").put("type", "json_object");
    } else if (cell.format() == Format.SCHEMA) {
      request
          .putObject("text")
          .putObject("format")
          .put("type", "json_schema")
          .put("name", "text")
          .set("schema", schema());
    }
    if (cell.tools() != Tools.NONE) {
      request
          .putArray("tools")
          .addObject()
          .put("type", "function")
          .put("name", AnswerMatrix.TOOL)
          .set("parameters", schema());
    }
    if (cell.tools() == Tools.FORCED) {
      request.putObject("tool_choice").put("type", "function").put("name", AnswerMatrix.TOOL);
    }
    request.putObject("reasoning").put("effort", cell.thinking() == Thinking.FREE ? "low" : "none");
    Parts parts = new Parts();
    List<JsonNode> events = send("/v1/responses", request);
    JsonNode whole = events.get(events.size() - 1);
    for (JsonNode item : (cell.streamed() ? whole.get("response") : whole).get("output")) {
      switch (item.get("type").stringValue()) {
        case "reasoning" -> parts.thinking(item.get("content").get(0).get("text").stringValue());
        case "message" -> parts.text(item.get("content").get(0).get("text").stringValue());
        default -> {
          parts.begin(item.get("name").stringValue());
          parts.arguments(item.get("arguments").stringValue());
        }
      }
    }
    if (cell.streamed()) {
      Parts streamed = new Parts();
      for (JsonNode event : events) {
        String delta = event.path("delta").stringValue("");
        switch (event.get("type").stringValue()) {
          case "response.reasoning_text.delta" -> streamed.thinking(delta);
          case "response.output_text.delta" -> streamed.text(delta);
          case "response.function_call_arguments.delta" -> streamed.arguments(delta);
          case "response.output_item.added" -> {
            if (event.get("item").has("name")) {
              streamed.begin(event.get("item").get("name").stringValue());
            }
          }
          default -> {}
        }
      }
      assertThat(streamed.answer())
          .usingRecursiveComparison()
          .ignoringFields("pieces")
          .isEqualTo(parts.answer());
      return streamed.answer();
    }
    return parts.answer();
  }

  private static Answer messages(Cell cell) throws Exception {
    ObjectNode request = request(cell).put("max_tokens", 400);
    request.putArray("messages").add(user(cell));
    if (cell.format() != Format.NONE) {
      request
          .putObject("output_config")
          .putObject("format")
          .put("type", "json_schema")
          .set(
              "schema",
              cell.format() == Format.SCHEMA
                  ? schema()
                  : Server.json("{\"type\": \"object\", \"additionalProperties\": true}"));
    }
    if (cell.tools() != Tools.NONE) {
      request
          .putArray("tools")
          .addObject()
          .put("name", AnswerMatrix.TOOL)
          .set("input_schema", schema());
    }
    if (cell.tools() == Tools.FORCED) {
      request.putObject("tool_choice").put("type", "tool").put("name", AnswerMatrix.TOOL);
    }
    ObjectNode thinking = request.putObject("thinking");
    switch (cell.thinking()) {
      case FREE -> thinking.put("type", "adaptive");
      case LIMITED -> thinking.put("type", "enabled").put("budget_tokens", AnswerMatrix.BUDGET);
      case NONE -> thinking.put("type", "disabled");
    }
    Parts parts = new Parts();
    for (JsonNode event : send("/v1/messages", request)) {
      if (!cell.streamed()) {
        event.get("content").forEach(block -> block(block, parts, true));
      } else if (event.get("type").stringValue().equals("content_block_start")) {
        block(event.get("content_block"), parts, false);
      } else if (event.get("type").stringValue().equals("content_block_delta")) {
        JsonNode delta = event.get("delta");
        switch (delta.get("type").stringValue()) {
          case "text_delta" -> parts.text(delta.get("text").stringValue());
          case "thinking_delta" -> parts.thinking(delta.get("thinking").stringValue());
          case "input_json_delta" -> parts.arguments(delta.get("partial_json").stringValue());
          default -> {}
        }
      }
    }
    Answer answer = parts.answer();
    // an object of a whole answer is written anew
    List<String> calls =
        answer.calls().stream()
            .map(
                call ->
                    call.substring(0, call.indexOf('{'))
                        + Server.json(call.substring(call.indexOf('{'))))
            .toList();
    return new Answer(
        answer.content(),
        answer.thinking(),
        calls.stream().map(AnswerMatrixTest::spaced).toList(),
        answer.pieces());
  }

  private static String spaced(String call) {
    return call.replaceFirst("\":\"", "\": \"");
  }

  private static void block(JsonNode block, Parts parts, boolean whole) {
    switch (block.get("type").stringValue()) {
      case "text" -> parts.text(block.get("text").stringValue());
      case "thinking" -> parts.thinking(block.get("thinking").stringValue());
      default -> {
        parts.begin(block.get("name").stringValue());
        if (whole) {
          parts.arguments(block.get("input").toString());
        }
      }
    }
  }

  private static void check(List<Cell> cells, Door door) {
    assertThat(AnswerMatrix.failures(cells, door)).isEmpty();
  }

  @Test
  void in_chat_completions() {
    check(AnswerMatrix.cells(), AnswerMatrixTest::chat);
  }

  @Test
  void in_chat_completions_with_a_stage_of_the_sampler() {
    check(
        AnswerMatrix.cells().stream()
            .filter(cell -> cell.tools() == Tools.NONE && cell.format() != Format.NONE)
            .toList(),
        cell -> chat(cell, true));
  }

  /** OpenAI's interface knows efforts alone, no count of tokens. */
  @Test
  void in_responses() {
    check(
        AnswerMatrix.cells().stream().filter(cell -> cell.thinking() != Thinking.LIMITED).toList(),
        AnswerMatrixTest::responses);
  }

  @Test
  void in_messages() {
    check(AnswerMatrix.cells(), AnswerMatrixTest::messages);
  }

  @Test
  void without_a_template_the_error_says_so() throws Exception {
    for (Kind kind : Kind.values()) {
      Cell cell =
          new Cell(Template.NONE, kind, Format.NONE, Tools.NONE, Thinking.FREE, false, false);
      assertThatAnswerIsRefused(server.post("/v1/messages", messagesOf(cell)));
      ObjectNode chat = request(cell);
      chat.putArray("messages").add(user(cell));
      assertThatAnswerIsRefused(server.post("/v1/chat/completions", chat.toString()));
      ObjectNode responses = request(cell);
      responses.putArray("input").add(user(cell));
      assertThatAnswerIsRefused(server.post("/v1/responses", responses.toString()));
    }
  }

  private static String messagesOf(Cell cell) {
    ObjectNode request = request(cell).put("max_tokens", 400);
    request.putArray("messages").add(user(cell));
    return request.toString();
  }

  private static void assertThatAnswerIsRefused(HttpResponse<String> response) {
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("has no chat template");
  }
}
