package io.fundamentallm.webservice;

import static io.fundamentallm.webservice.RefusalsTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A service with memory for a hundred tokens or so. */
class FullCacheTest {
  private static final String LONG = " Ann".repeat(1_000);

  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.runtime=cpu(cache-memory=256k)",
            "--fundamentallm.api-key=" + Server.KEY + " "); // a file's last line may end like that
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"max_tokens\": 1",
        "\"max_tokens\": 1, \"stream\": true",
        "\"max_tokens\": 1, \"sampler\": \"regex=\\\"[a-z ]*\\\"\"",
        "\"max_tokens\": 1, \"response_format\": {\"type\": \"json_object\"}",
        "\"max_tokens\": 0, \"echo\": true, \"logprobs\": 1",
        "\"max_tokens\": 0, \"echo\": true, \"logprobs\": 1, \"stream\": true"
      })
  void a_prompt_without_room_may_come_again_later(String fields) throws Exception {
    HttpResponse<String> response =
        server.post("/v1/completions", "{\"prompt\": \"" + LONG + "\", " + fields + "}");

    JsonNode error = refused(503, response);
    assertThat(error.get("code").stringValue()).isEqualTo("cache_full");
    assertThat(error.get("message").stringValue()).contains("cache-memory");
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1}");
  }

  @Test
  void a_stream_under_way_ends_with_the_error() throws Exception {
    HttpResponse<String> response =
        server.post(
            "/v1/completions",
            "{\"prompt\": \"I am\", \"max_tokens\": 4000, \"stream\": true, \"logit_bias\": {\"1\":"
                + " -100}}");

    assertThat(response.statusCode()).isEqualTo(200);
    List<String> events = List.of(response.body().split("\n\n"));
    assertThat(events).hasSizeGreaterThan(10).doesNotContain("data: [DONE]");
    JsonNode last = Server.json(events.get(events.size() - 1).substring(6));
    assertThat(last.at("/error/code").stringValue()).isEqualTo("cache_full");
  }

  private static HttpResponse<String> longest(int words, String decoder) throws Exception {
    return server.post(
        "/v1/completions",
        "{\"prompt\": \""
            + " Ann".repeat(words)
            + "\", \"max_tokens\": 1, \"decoder\": \""
            + decoder
            + "\"}");
  }

  @Test
  void hidden_states_that_a_client_has_kept_count_as_keys_and_values_do() throws Exception {
    int words = 10;
    while (longest(words + 1, "sampling").statusCode() == 200) {
      words++;
    }

    JsonNode error = refused(503, longest(words, "contrastive(k=1)"));
    assertThat(error.get("code").stringValue()).isEqualTo("cache_full");
    assertThat(error.get("message").stringValue()).contains("hidden states");
    // and are given back
    assertThat(longest(words, "sampling").statusCode()).isEqualTo(200);
    assertThat(longest(words / 2, "contrastive(k=1)").statusCode()).isEqualTo(200);
  }
}
