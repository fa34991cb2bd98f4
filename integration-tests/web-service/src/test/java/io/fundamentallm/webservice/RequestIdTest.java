package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By what client and operator know that they speak of the same request. */
class RequestIdTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  private static String id(HttpResponse<String> response) {
    List<String> ids = response.headers().allValues("x-request-id");
    assertThat(ids).hasSize(1);
    return ids.get(0);
  }

  @Test
  void every_answer_has_one_of_its_own() throws Exception {
    List<HttpResponse<String>> answers =
        List.of(
            server.get("/v1/models"),
            server.get("/v1/models"),
            server.get("/v1/nothing"),
            server.get("/"),
            server.get("/actuator/health"),
            server.send(HttpRequest.newBuilder(server.uri("/v1/models"))), // without the key
            server.post("/v1/completions", "{"),
            server.post("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1}"),
            server.post(
                "/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1, \"stream\": true}"));

    assertThat(answers.stream().map(RequestIdTest::id)).doesNotHaveDuplicates().doesNotContain("");
  }

  @Test
  void a_clients_own_is_kept_and_stands_in_the_log() throws Exception {
    HttpRequest.Builder request =
        server
            .request("/v1/completions")
            .header("X-Request-Id", "order:66/a")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"I am\", \"max_tokens\": 1}"));

    assertThat(id(server.send(request))).isEqualTo("order:66/a");
    Server.await("it is logged", () -> isLogged("order:66/a: answered"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "a\"b", "<b>", ""})
  void one_that_a_log_should_not_hold_is_replaced(String id) throws Exception {
    assertThat(id(server.send(server.request("/v1/models").header("X-Request-Id", id))))
        .isNotEqualTo(id)
        .isNotBlank();
    String longest = "a".repeat(129);
    assertThat(id(server.send(server.request("/v1/models").header("X-Request-Id", longest))))
        .isNotEqualTo(longest);
  }

  private static boolean isLogged(String text) {
    try {
      return server.log().contains(text);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
