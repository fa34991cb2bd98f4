package io.fundamentallm.webservice;

import static io.fundamentallm.webservice.RefusalsTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Samplers, decoders and schemas of clients that mean no good. */
class HostileSpecsTest {
  @TempDir static Path folder;

  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  private static JsonNode refusedCompletion(String fields) throws Exception {
    return refused(400, server.post("/v1/completions", "{\"prompt\": \"I am\", " + fields + "}"));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json-schema=@FILE",
        "grammar=@FILE,greedy",
        "temperature=1,regex= @FILE",
        "json-schema(value=@FILE)",
        "json-schema(max-whitespace=1,value=@\"FILE\")",
        "bad-words=@FILE",
        "choice=\"a\",grammar=@FILE"
      })
  void no_spec_reads_a_file_of_the_server(String spec) throws Exception {
    // were it read, it would be a good one for some of these
    Path file = Files.writeString(folder.resolve("secret.json"), "{\"const\": \"SECRET\"}");
    String named = quoted(spec.replace("FILE", file.toString()));

    JsonNode error = refusedCompletion("\"sampler\": " + named);
    assertThat(error.get("param").stringValue()).isEqualTo("sampler");
    assertThat(error.get("message").stringValue())
        .contains("cannot read the file @" + file + ": no file is read here")
        .doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"json-schema=@FILE", "sampling(n=@FILE)", "beam(length-penalty=@\"FILE\")"})
  void nor_does_one_of_a_decoder(String spec) throws Exception {
    Path file = Files.writeString(folder.resolve("number"), "1");
    JsonNode error =
        refusedCompletion("\"decoder\": " + quoted(spec.replace("FILE", file.toString())));
    assertThat(error.get("param").stringValue()).isEqualTo("decoder");
  }

  @Test
  void an_at_sign_within_a_word_is_no_file() throws Exception {
    JsonNode error = refusedCompletion("\"sampler\": \"temperature=1@2\"");
    assertThat(error.get("message").stringValue()).contains("\"1@2\" is not a number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "speculative(draft=\"DIRECTORY\")",
        "speculative(draft=DIRECTORY,mode=rejection)",
        "speculative( tokens=4 , draft = \"DIRECTORY\" )"
      })
  void no_spec_loads_a_model(String spec) throws Exception {
    String named = quoted(spec.replace("DIRECTORY", TinyChat.longContext().toString()));
    JsonNode error = refusedCompletion("\"decoder\": " + named);

    assertThat(error.get("message").stringValue()).contains("model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"completions", "chat/completions"})
  void schemas_that_explode_are_refused_soon(String endpoint) throws Exception {
    StringBuilder doubling = new StringBuilder("{\"$defs\": {");
    for (int i = 0; i < 30; i++) {
      String next = "{\"$ref\": \"#/$defs/a" + (i + 1) + "\"}";
      doubling.append("\"a" + i + "\": {\"allOf\": [" + next + ", " + next + "]}, ");
    }
    doubling.append("\"a30\": {\"type\": \"string\"}}, \"$ref\": \"#/$defs/a0\"}");
    String deep = "{\"items\": ".repeat(80) + "true" + "}".repeat(80);
    String huge = "{\"enum\": [" + "\"abcdefgh\", ".repeat(8_000) + "1]}";
    String endless = "{\"allOf\": [{\"$ref\": \"#\"}, {\"$ref\": \"#\"}]}";
    String unknown = "{\"not\": {\"type\": \"null\"}}";
    String ambiguous =
        "{\"$defs\": {\"a\": {\"anyOf\": [{\"$ref\": \"#\"}, {\"$ref\": \"#\"}]}}, \"$ref\":"
            + " \"#/$defs/a\"}";
    for (String schema : List.of(doubling.toString(), deep, huge, endless, unknown, ambiguous)) {
      String fields =
          "\"prompt\": \"a\", \"response_format\": {\"type\": \"json_schema\", \"json_schema\":"
              + " {\"name\": \"bomb\", \"schema\": "
              + schema
              + "}}";
      if (endpoint.startsWith("chat")) {
        fields =
            fields.replace(
                "\"prompt\": \"a\"", "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]");
      }
      JsonNode error = refused(400, server.post("/v1/" + endpoint, "{" + fields + "}"));
      assertThat(error.get("param").stringValue()).startsWith("response_format");
    }
    JsonNode inSpec =
        refusedCompletion(
            "\"sampler\": " + quoted("json-schema=" + quoted(doubling.toString()) + ",greedy"));
    assertThat(inSpec.get("param").stringValue()).isEqualTo("sampler");
    // the service still serves, and has no request left behind
    server.awaitRunning(0);
    assertThat(server.get("/v1/models").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_constraint_that_turns_out_impossible_is_the_requests_fault(boolean stream)
      throws Exception {
    // 32,400 counted parts, each of which may be the next
    String pattern = "^((((a{4})?){60}){60}){9}$";
    JsonNode error =
        refusedCompletion(
            "\"stream\": "
                + stream
                + ", \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\":"
                + " \"wide\", \"schema\": {\"type\": \"string\", \"pattern\": "
                + quoted(pattern)
                + "}}}");

    assertThat(error.get("message").stringValue()).contains("ambiguous");
  }
}
