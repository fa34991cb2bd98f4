package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user typed stays out of the log, with every logger at its most talkative. */
class LogTest {
  private static final String SECRET = "XYLOPHONE";

  private static final List<String> REQUESTS =
      List.of(
          "{\"prompt\": \"XYLOPHONE\", \"max_tokens\": 3}",
          "{\"prompt\": \"XYLOPHONE\", \"max_tokens\": 3, \"stream\": true, \"echo\": true}",
          "{\"prompt\": \"XYLOPHONE\", \"stop\": \"XYLOPHONE\", \"user\": \"XYLOPHONE\"}",
          "{\"prompt\": \"XYLOPHONE",
          "XYLOPHONE",
          "{\"prompt\": \"XYLOPHONE\", \"XYLOPHONE\": 1}",
          "{\"prompt\": \"XYLOPHONE\", \"temperature\": \"XYLOPHONE\"}",
          "{\"prompt\": \"XYLOPHONE\", \"sampler\": \"XYLOPHONE\"}",
          "{\"prompt\": \"XYLOPHONE\", \"sampler\": \"choice=\\\"XYLOPHONE\\\"\"}",
          "{\"prompt\": \"XYLOPHONE\", \"decoder\": \"XYLOPHONE\"}",
          "{\"prompt\": \"XYLOPHONE\", \"model\": \"XYLOPHONE\"}",
          "{\"prompt\": \"XYLOPHONE\", \"response_format\": {\"type\": \"json_schema\","
              + " \"json_schema\": {\"name\": \"XYLOPHONE\", \"schema\": {\"type\":"
              + " \"XYLOPHONE\"}}}}",
          "{\"messages\": [{\"role\": \"user\", \"content\": \"XYLOPHONE\"}], \"max_tokens\": 3}",
          "{\"messages\": [{\"role\": \"XYLOPHONE\", \"content\": \"XYLOPHONE\"}]}");

  @Test
  void neither_texts_nor_keys_are_logged() throws Exception {
    Server server = Server.shared();
    for (String path : List.of("/v1/completions", "/v1/chat/completions")) {
      for (String request : REQUESTS) {
        server.post(path, request);
      }
      server.post(path, "{\"prompt\": \"" + SECRET.repeat(20_000) + "\"}");
    }
    server.send(
        HttpRequest.newBuilder(server.uri("/v1/models"))
            .header("Authorization", "Bearer " + SECRET));

    String log = server.log();
    assertThat(log.contains("TRACE")).isTrue();
    assertThat(log.contains("POST \"/v1/completions\"")).isTrue();
    assertThat(log.lines().filter(line -> line.contains(SECRET)).toList()).isEmpty();
    assertThat(log.lines().filter(line -> line.contains(Server.KEY)).toList()).isEmpty();
  }

  @Test
  void texts_are_logged_where_the_operator_wants_them() throws Exception {
    try (Server server = Server.start(TinyChat.longContext(), "--fundamentallm.log-texts=true")) {
      server.ask(
          "/v1/completions",
          "{\"prompt\": \"user\\nI am Bob\\nassistant\\n\", \"temperature\": 0}");
      server.ask(
          "/v1/chat/completions",
          "{\"messages\": [{\"role\": \"user\", \"content\": \"I am Eve\"}], \"temperature\": 0}");

      // written behind the answer's last byte
      Server.await("both are logged", () -> logged(server).contains("-> \"hello Eve\""));
      assertThat(logged(server))
          .contains("\"user\\nI am Bob\\nassistant\\n\" -> \"hello Bob\"")
          .contains("\"user: I am Eve\" -> \"hello Eve\"")
          .doesNotContain(Server.KEY)
          .doesNotContainPattern("\\[ +\\]"); // a column without anything
    }
  }

  @Test
  void what_is_computed_at_once_has_its_line_too() throws Exception {
    Server server = Server.shared();
    server.send(
        HttpRequest.newBuilder(server.uri("/v1/embeddings"))
            .header("Authorization", "Bearer " + Server.KEY)
            .header("Content-Type", "application/json")
            .header("x-request-id", "nearest-27")
            .POST(BodyPublishers.ofString("{\"input\": \"I am Bob\"}")));
    Server.await("it is logged", () -> logged(server).contains("nearest-27: answered, "));
  }

  private static String logged(Server server) {
    try {
      return server.log();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
