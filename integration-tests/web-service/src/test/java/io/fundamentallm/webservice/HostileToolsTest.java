package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.ToolChat;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tools that are meant to do harm: the right status, on each interface, and nothing left behind.
 */
class HostileToolsTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  @AfterEach
  void nothing_is_held() throws Exception {
    server.awaitRunning(0);
    assertThat(server.get("/v1/models").statusCode()).isEqualTo(200);
    HttpResponse<String> answer = send("/v1/chat/completions", tool("weather", "{}"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static String tool(String name, String schema) {
    return "{\"name\": \"" + name + "\", \"SCHEMA\": " + schema + "}";
  }

  /** The tools in the form of the interface. */
  private static HttpResponse<String> send(String path, String... tools) throws Exception {
    return server.post(path, body(path, tools));
  }

  private static String body(String path, String... tools) {
    String messages = "[{\"role\": \"user\", \"content\": \"a\"}]";
    return switch (path) {
      case "/v1/messages" ->
          "{\"max_tokens\": 2, \"messages\": "
              + messages
              + ", \"tools\": ["
              + String.join(",", tools).replace("SCHEMA", "input_schema")
              + "]}";
      case "/v1/responses" ->
          "{\"max_output_tokens\": 2, \"input\": \"a\", \"tools\": ["
              + Arrays.stream(tools)
                  .map(tool -> tool.replace("SCHEMA", "parameters"))
                  .map(tool -> "{\"type\": \"function\", " + tool.substring(1))
                  .collect(Collectors.joining(","))
              + "]}";
      default ->
          "{\"max_tokens\": 2, \"messages\": "
              + messages
              + ", \"tools\": ["
              + Arrays.stream(tools)
                  .map(tool -> tool.replace("SCHEMA", "parameters"))
                  .map(tool -> "{\"type\": \"function\", \"function\": " + tool + "}")
                  .collect(Collectors.joining(","))
              + "]}";
    };
  }

  private static String refused(String path, String... tools) throws Exception {
    HttpResponse<String> response = send(path, tools);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(response.body().length()).as("no echo of what was sent").isLessThan(2_000);
    return Server.json(response.body()).get("error").get("message").stringValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/messages", "/v1/responses"})
  void names_of_64_kilobytes_are_refused(String path) throws Exception {
    assertThat(refused(path, tool("a".repeat(64 * 1024), "{}"))).contains("name");
    assertThat(refused(path, tool("", "{}"))).contains("name");
    assertThat(refused(path, tool("a\\u0000b", "{}"))).contains("name");
    assertThat(refused(path, tool("same", "{}"), tool("same", "{}"))).contains("same");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/messages", "/v1/responses"})
  void a_thousand_tools_are_refused(String path) throws Exception {
    String[] tools =
        IntStream.range(0, 1_000).mapToObj(i -> tool("t" + i, "{}")).toArray(String[]::new);
    assertThat(refused(path, tools)).contains("128");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/messages", "/v1/responses"})
  void schemas_that_explode_are_refused(String path) throws Exception {
    StringBuilder doubling = new StringBuilder("{\"$defs\": {");
    for (int i = 0; i < 30; i++) {
      String next = "{\"$ref\": \"#/$defs/a" + (i + 1) + "\"}";
      doubling.append("\"a" + i + "\": {\"allOf\": [" + next + ", " + next + "]}, ");
    }
    doubling.append("\"a30\": {\"type\": \"string\"}}, \"$ref\": \"#/$defs/a0\"}");
    String object = "{\"type\": \"object\", \"properties\": {\"a\": %s}, \"required\": [\"a\"]}";
    String deep = "{\"items\": ".repeat(80) + "true" + "}".repeat(80);
    String huge = "{\"enum\": [" + "\"abcdefgh\", ".repeat(7_000) + "1]}";
    for (String schema : new String[] {doubling.toString(), object.formatted(deep), huge}) {
      assertThat(refused(path, tool("bomb", schema))).isNotEmpty();
    }
  }

  /** A hundred with so many properties, each within the limits, and so are all together. */
  private static String[] many(int properties) {
    String wide =
        "{\"type\": \"object\", \"properties\": {"
            + IntStream.range(0, properties)
                .mapToObj(i -> "\"p" + i + "\": {\"type\": \"string\", \"maxLength\": 9}")
                .collect(Collectors.joining(","))
            + "}}";
    return IntStream.range(0, 100).mapToObj(i -> tool("t" + i, wide)).toArray(String[]::new);
  }

  /** This model is told of them in words, which its context has no room for. */
  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/messages", "/v1/responses"})
  void many_large_schemas_that_the_model_cannot_read_are_refused(String path) throws Exception {
    assertThat(refused(path, many(8))).contains("maximum context length is 4096 tokens");
  }

  /** This model's template says nothing of them: they are answered, given the time. */
  @ParameterizedTest
  @CsvSource({"2, 10m, 200", "8, 1ms, 400"})
  void many_schemas_are_answered_unless_they_take_longer_than_allowed(
      int properties, String compilation, int status) throws Exception {
    try (Server patient =
        Server.start(
            ToolChat.directory(),
            "--fundamentallm.limits.compilation=" + compilation,
            "--fundamentallm.limits.time=20m")) {
      HttpResponse<String> response =
          patient.post("/v1/chat/completions", body("/v1/chat/completions", many(properties)));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
      if (status == 400) {
        assertThat(response.body()).contains("'tools' took longer than 1 ms to compile");
      }
      patient.awaitRunning(0);
    }
  }

  @Test
  void more_than_the_body_may_have_is_too_large() throws Exception {
    HttpResponse<String> response = send("/v1/messages", tool("a".repeat(200 * 1024), "{}"));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(Server.json(response.body()).get("error").get("type").stringValue())
        .isEqualTo("request_too_large");
  }
}
