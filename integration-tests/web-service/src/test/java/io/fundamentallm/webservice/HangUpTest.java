package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that hang up, read slowly, or are too many. */
class HangUpTest {
  private Server server;
  private final List<Socket> sockets = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server = Server.shared();
    server.awaitRunning(0);
  }

  @AfterEach
  void hangUp() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.awaitRunning(0);
  }

  /** Asks for a text that is larger than what lies between two sockets, and does not read it. */
  private Socket slowReader() throws IOException {
    return send(
        "\"stream\": true, \"max_tokens\": 4000, \"logprobs\": 300, \"n\": 1, \"logit_bias\":"
            + " {\"1\": -100}");
  }

  private Socket send(String fields) throws IOException {
    Socket socket = server.open("{\"prompt\": \"I am\", " + fields + "}");
    sockets.add(socket);
    return socket;
  }

  private static void readEvents(Socket socket, int count) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    for (int events = 0; events < count; ) {
      String line = lines.readLine();
      assertThat(line).isNotNull();
      events += line.startsWith("data: ") ? 1 : 0;
    }
  }

  @Test
  void hanging_up_in_the_middle_frees_the_place() throws Exception {
    double cancelled = server.metric("fundamentallm.requests.cancelled");
    Socket reader = slowReader();
    readEvents(reader, 3);
    server.awaitRunning(1);

    reader.close();

    server.awaitRunning(0);
    double generated = server.metric("fundamentallm.tokens.generated");
    Server.await(
        "he is counted", () -> server.is("fundamentallm.requests.cancelled", cancelled + 1));
    server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1}");
    assertThat(server.metric("fundamentallm.tokens.generated")).isEqualTo(generated + 1);
  }

  @Test
  void hanging_up_before_a_whole_answer_ends_the_work() throws Exception {
    double cancelled = server.metric("fundamentallm.requests.cancelled");
    double generated = server.metric("fundamentallm.tokens.generated");
    Socket asker =
        send("\"max_tokens\": 4000, \"logprobs\": 300, \"n\": 8, \"logit_bias\": {\"1\": -100}");
    server.awaitRunning(1);

    asker.close();

    server.awaitRunning(0);
    Server.await(
        "he is counted", () -> server.is("fundamentallm.requests.cancelled", cancelled + 1));
    assertThat(server.metric("fundamentallm.tokens.generated") - generated).isLessThan(8 * 4_000);
  }

  @Test
  void hanging_up_while_prompts_are_read_ends_the_reading() throws Exception {
    int tokens = TinyChat.CONTEXT - 600;
    double cancelled;
    double generated;
    double read;
    int attempt = 0;
    do { // on a busy machine all may be read before the end of the connection is noticed
      String prompts = // none of which begins as one that was read does
          IntStream.range(8 * attempt, 8 * attempt + 8)
              .mapToObj(i -> "\"" + (char) ('A' + i % 26) + i + " Ann".repeat(tokens) + "\"")
              .collect(joining(", ", "[", "]"));
      cancelled = server.metric("fundamentallm.requests.cancelled");
      generated = server.metric("fundamentallm.tokens.generated");
      read = server.total("fundamentallm.pass.tokens");
      Socket asker = server.open("{\"prompt\": " + prompts + ", \"max_tokens\": 1}");
      sockets.add(asker);
      awaitMoreThan(read, "fundamentallm.pass.tokens");

      asker.close();

      server.awaitRunning(0);
    } while (++attempt < 50 && server.total("fundamentallm.pass.tokens") - read >= 8 * tokens);
    double expected = cancelled + 1;
    Server.await("he is counted", () -> server.is("fundamentallm.requests.cancelled", expected));
    assertThat(server.metric("fundamentallm.tokens.generated") - generated).isLessThan(8);
    assertThat(server.total("fundamentallm.pass.tokens") - read).isLessThan(8 * tokens);
  }

  @Test
  void hanging_up_while_texts_are_embedded_ends_the_reading() throws Exception {
    int tokens = TinyChat.CONTEXT - 600;
    double cancelled;
    double read;
    int attempt = 0;
    do { // on a busy machine all may be read before the end of the connection is noticed
      String texts =
          IntStream.range(0, 8)
              .mapToObj(i -> "\"" + i + " Ann".repeat(tokens) + "\"")
              .collect(joining(", ", "[", "]"));
      cancelled = server.metric("fundamentallm.requests.cancelled");
      read = server.total("fundamentallm.pass.tokens");
      Socket asker = server.open("/v1/embeddings", "{\"input\": " + texts + "}");
      sockets.add(asker);
      awaitMoreThan(read, "fundamentallm.pass.tokens");

      asker.close();

      server.awaitRunning(0);
    } while (++attempt < 50 && server.total("fundamentallm.pass.tokens") - read >= 8 * tokens);
    double expected = cancelled + 1;
    Server.await("he is counted", () -> server.is("fundamentallm.requests.cancelled", expected));
    assertThat(server.total("fundamentallm.pass.tokens") - read).isLessThan(8 * tokens);
    assertThat(server.log()).doesNotContain("a request failed");
  }

  private void awaitMoreThan(double total, String metric) throws InterruptedException {
    Server.await(
        "more of " + metric,
        () -> {
          try {
            return server.total(metric) > total;
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void a_slow_reader_holds_up_nobody_else() throws Exception {
    slowReader();
    server.awaitRunning(1);
    double before = server.metric("fundamentallm.tokens.generated");
    // it stands still once what lies between is full
    double[] last = {before};
    Server.await(
        "the slow reader's text stands still",
        () -> {
          try {
            double now = server.metric("fundamentallm.tokens.generated");
            Thread.sleep(300);
            boolean same = now == last[0];
            last[0] = now;
            return same && now > before;
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });

    for (int i = 0; i < 5; i++) {
      server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 20}");
    }

    server.awaitRunning(1); // it still waits, once the last of them is counted out
    assertThat(last[0] - before).isLessThan(4_000);
  }

  @Test
  void who_finds_no_place_is_told_to_come_back() throws Exception {
    double refused = server.metric("fundamentallm.requests.refused");
    for (int i = 0; i < Server.RUNNING; i++) {
      slowReader();
    }
    server.awaitRunning(Server.RUNNING);
    Socket waits = send("\"max_tokens\": 1");
    Server.await("one waits", () -> server.is("fundamentallm.requests.waiting", Server.WAITING));

    HttpResponse<String> response = server.post("/v1/completions", "{\"prompt\": \"I am\"}");

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    assertThat(Server.json(response.body()).at("/error/code").stringValue())
        .isEqualTo("rate_limit_exceeded");
    assertThat(server.metric("fundamentallm.requests.refused")).isEqualTo(refused + 1);
    assertThat(server.get("/actuator/health").statusCode()).isEqualTo(200);
    assertThat(server.get("/v1/models").statusCode()).isEqualTo(200);

    sockets.get(0).close(); // its place goes to the one that waits

    BufferedReader lines = new BufferedReader(new InputStreamReader(waits.getInputStream(), UTF_8));
    assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");
    Server.await("nobody waits", () -> server.is("fundamentallm.requests.waiting", 0));
  }

  @Test
  void who_hangs_up_while_waiting_waits_no_more() throws Exception {
    for (int i = 0; i < Server.RUNNING; i++) {
      slowReader();
    }
    server.awaitRunning(Server.RUNNING);
    Socket waits = send("\"max_tokens\": 1");
    Server.await("one waits", () -> server.is("fundamentallm.requests.waiting", 1));

    waits.close();

    Server.await("nobody waits", () -> server.is("fundamentallm.requests.waiting", 0));
    assertThat(server.is("fundamentallm.requests.running", Server.RUNNING)).isTrue();
  }
}
