package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The same problem has the same status at each address that computes something. */
class StatusesTest {
  private static final String LONG = " Ann".repeat(1_000);

  @TempDir private static Path temporary;
  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            choosy(temporary.resolve("model")), "--fundamentallm.runtime=cpu(cache-memory=256k)");
  }

  /** A model whose template has no word for who says "refused". */
  private static Path choosy(Path directory) throws IOException {
    Path template =
        TinyChat.copy(TinyChat.longContext(), directory, true).resolve("chat_template.jinja");
    Files.writeString(
        template,
        "{% if messages[0]['content'] == 'refused' %}{{ raise_exception('not that') }}{% endif %}"
            + Files.readString(template));
    return directory;
  }

  private static String request(String path, String text) {
    String messages = "\"messages\": [{\"role\": \"user\", \"content\": \"" + text + "\"}]";
    return switch (path) {
      case "/v1/completions" -> "{\"prompt\": \"" + text + "\", \"max_tokens\": 1}";
      case "/v1/embeddings" -> "{\"input\": \"" + text + "\"}";
      case "/v1/responses" -> "{\"input\": \"" + text + "\", \"max_output_tokens\": 1}";
      case "/tokenize" -> "{" + messages + "}";
      default -> "{" + messages + ", \"max_tokens\": 1}";
    };
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/completions",
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/responses",
    "/v1/embeddings"
  })
  void a_full_cache_is_a_reason_to_come_again(String path) throws Exception {
    HttpResponse<String> response = server.post(path, request(path, LONG));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    JsonNode error = Server.json(response.body()).get("error");
    assertThat(error.get("message").stringValue()).contains("cache-memory", "again later");
    if (path.equals("/v1/messages")) {
      assertThat(error.get("type").stringValue()).isEqualTo("overloaded_error");
    } else {
      assertThat(error.get("code").stringValue()).isEqualTo("cache_full");
    }
    assertThat(server.post(path, request(path, "I am")).statusCode()).isEqualTo(200);
    assertThat(server.log()).doesNotContain("a request failed");
  }

  @ParameterizedTest
  @CsvSource({"/v1/chat/completions", "/v1/messages", "/v1/responses", "/tokenize"})
  void messages_that_the_template_refuses_are_the_clients_mistake(String path) throws Exception {
    HttpResponse<String> response = server.post(path, request(path, "refused"));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(Server.json(response.body()).at("/error/message").stringValue())
        .contains("the model's template refuses", "not that");
    assertThat(server.log()).doesNotContain("a request failed");
  }

  @Test
  void what_is_wrong_with_one_request_is_not_wrong_with_the_next() throws Exception {
    server.post("/tokenize", request("/tokenize", "refused"));
    assertThat(server.post("/tokenize", request("/tokenize", "I am")).statusCode()).isEqualTo(200);
  }
}
