package io.fundamentallm.webservice;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Schemas that were made to keep the compiler from everybody else's. */
class SlowSchemaTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static String pattern(String kind) {
    return switch (kind) {
      case "spelled" -> {
        Random random = new Random(3);
        yield IntStream.range(0, 900)
            .mapToObj(i -> "\\p{In" + respelled("combiningdiacriticalmarks", random) + "}")
            .collect(Collectors.joining());
      }
      case "scattered" ->
          IntStream.range(0, 16_000)
              .mapToObj(i -> Character.toString(0x4E00 + 2 * (i % 10_000) + (i / 10_000) * 0x10000))
              .collect(Collectors.joining("", "[", "]"));
      default -> "(".repeat(30) + "){64}".repeat(30);
    };
  }

  private static String respelled(String name, Random random) {
    return name.chars()
        .mapToObj(c -> Character.toString(random.nextBoolean() ? Character.toUpperCase(c) : c))
        .collect(Collectors.joining());
  }

  private static String request(String schema) {
    return "{\"prompt\": \"I am\", \"max_tokens\": 2, \"response_format\": {\"type\":"
        + " \"json_schema\", \"json_schema\": {\"name\": \"n\", \"schema\": "
        + schema
        + "}}}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"spelled", "scattered", "nothing"})
  void a_second_clients_schema_does_not_wait_for_it(String kind) throws Exception {
    Server server = Server.shared();
    server.awaitRunning(0);
    HttpClient client = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> slow = new ArrayList<>();
    for (int i = 0; i < Server.RUNNING; i++) {
      String schema =
          "{\"pattern\": " + JSON.writeValueAsString(pattern(kind) + "x".repeat(i)) + "}";
      slow.add(
          client.sendAsync(
              server
                  .request("/v1/completions")
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(request(schema)))
                  .build(),
              ofString()));
    }
    Thread.sleep(500); // so that they come first
    long begun = System.nanoTime();

    HttpResponse<String> second;
    int attempt = 0;
    do { // on a busy machine its own share of time may be over, and then it is to be sent again
      second = server.post("/v1/completions", request("{\"enum\": [\"" + kind + "\"]}"));
    } while (second.statusCode() == 429 && ++attempt < 100);

    System.out.printf("beside %s: %d ms%n", kind, (System.nanoTime() - begun) / 1_000_000);
    assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<String>> one : slow) {
      // 429 where its turn took so long that it was given up for the second client
      assertThat(one.get().statusCode()).isIn(200, 400, 429);
    }
  }
}
