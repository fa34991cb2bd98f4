package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that keep connections for nothing. */
class ConnectionsTest {
  private static final String KEY = "Authorization: Bearer " + Server.KEY + "\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";

  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.limits.body=10KB",
            "--fundamentallm.limits.unauthenticated=8",
            "--fundamentallm.limits.unauthenticated-time=10s");
    server.get("/v1/models"); // the first answer of a process takes longest
  }

  private static String head(String request, String headers) {
    return request + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  }

  @ParameterizedTest
  @CsvSource({
    "POST /v1/completions, none, 5000, 401",
    "POST /v1/completions, wrong, 5000, 401",
    "POST /v1/completions, right, 50000, 413",
    "POST /v1/nothing, right, 5000, 404",
    "POST /v1/models, right, 5000, 405",
    "POST /v1/chat/completions, text, 5000, 415",
    "GET /v1/models, right, 5000, 200",
    "GET /actuator/health, none, 5000, 200",
    "GET /, none, 5000, 200",
    "POST /, none, 5000, 404"
  })
  void an_answer_before_the_requests_end_ends_the_connection(
      String request, String key, int length, int status) throws Exception {
    String headers =
        switch (key) {
          case "none" -> JSON;
          case "wrong" -> JSON + KEY.replace(Server.KEY, "another");
          case "text" -> KEY + "Content-Type: text/plain\r\n";
          default -> JSON + KEY;
        };
    String answer =
        Raw.answer(server, head(request, headers + "Content-Length: " + length + "\r\n") + "{");

    assertThat(answer).startsWith("HTTP/1.1 " + status);
    assertThat(Raw.lower(answer)).contains("connection: close");
  }

  @Test
  void an_answer_arrives_also_while_its_client_still_sends() throws Exception {
    String said = head("POST /v1/completions", JSON + "Content-Length: 900000\r\n");

    assertThat(Raw.answer(server, said + "x".repeat(900_000)))
        .startsWith("HTTP/1.1 401")
        .contains("invalid_api_key");
  }

  @Test
  void strangers_leave_room_for_everybody_else() throws Exception {
    List<Socket> strangers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String said = head("POST /v1/completions", JSON + "Content-Length: 100\r\n");
      strangers.add(Raw.open(server, said.substring(0, said.length() - i % 3)));
    }

    assertThat(server.send(HttpRequest.newBuilder(server.uri("/actuator/health"))).statusCode())
        .isEqualTo(200);
    assertThat(server.get("/v1/models").statusCode()).isEqualTo(200);
    for (Socket stranger : strangers) {
      Raw.untilClosed(stranger); // fails where it never is
      stranger.close();
    }
    assertThat(server.log()).contains("cut for newer ones, as there were more than 8");
  }

  @Test
  void who_has_the_key_is_answered_or_told_to_wait_however_many_begin_at_once() throws Exception {
    try (Server usual = Server.start(TinyChat.longContext())) {
      String body = "{\"prompt\": \"I am\", \"max_tokens\": 2}";
      String said =
          head("POST /v1/completions", KEY + JSON + "Content-Length: " + body.length() + "\r\n")
              + body;
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        clients.add(Raw.open(usual, said.substring(0, i % 50)));
      }
      for (int i = 0; i < clients.size(); i++) {
        try {
          clients.get(i).getOutputStream().write(said.substring(i % 50).getBytes(UTF_8));
        } catch (SocketException e) {
          // on a busy machine it was told to come back seconds ago; that is here to be read
        }
      }

      Map<String, Integer> statuses = new TreeMap<>();
      for (Socket client : clients) {
        byte[] status = client.getInputStream().readNBytes("HTTP/1.1 200".length());
        statuses.merge(new String(status, UTF_8), 1, Integer::sum);
        client.close();
      }
      assertThat(statuses.keySet()).isSubsetOf("HTTP/1.1 200", "HTTP/1.1 429", "HTTP/1.1 503");
      assertThat(statuses.values().stream().mapToInt(i -> i).sum()).isEqualTo(1_000);
      assertThat(statuses.get("HTTP/1.1 200")).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/models/%",
        "GET /v1/models/%zz",
        "GET /v1/models/a|b",
        "GET /v1/models/a\"b",
        "GET /v1/models/[a]",
        "GET /v1/models?x=%",
        "GET http://localhost/%"
      })
  void an_address_that_is_none_is_refused_with_what_to_write(String request) throws Exception {
    assertThat(Raw.answer(server, head(request, KEY)))
        .startsWith("HTTP/1.1 400")
        .contains("invalid_address", "%25", "\"invalid_request_error\"");
  }

  @Test
  void headers_that_drip_are_not_waited_for() throws Exception {
    boolean cut = false;
    try (Socket drips = Raw.open(server, "GET / HTTP/1.1\r\nX: ")) {
      for (int i = 0; i < 6_000 && !cut; i++) {
        Thread.sleep(100);
        drips.getOutputStream().write('x');
      }
    } catch (IOException e) {
      cut = true;
    }
    assertThat(cut).isTrue();
  }

  @Test
  void who_has_shown_the_key_keeps_his_connection() throws Exception {
    String asks = head("GET /v1/models", KEY);
    try (Socket client = Raw.open(server, asks)) {
      byte[] part = new byte[8_192];
      assertThat(client.getInputStream().read(part)).isPositive();
      Thread.sleep(12_000);
      client
          .getOutputStream()
          .write(asks.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").getBytes(UTF_8));

      assertThat(Raw.untilClosed(client)).contains("HTTP/1.1 200");
    }
  }

  @Test
  void what_is_no_http_is_refused_and_logged_once_a_minute_without_a_word_of_it() throws Exception {
    List<String> heads =
        List.of(
            "GET / HTTP/1.1\r\nBad Xylophone: 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: [xylophone\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost:xylophone\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n",
            "GET /a xylophone HTTP/1.1\r\nHost: x\r\n\r\n",
            "xylophone\r\n\r\n",
            "GET /xylophone HTTP/2.0\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: xylophone\r\n\r\n",
            head("POST /v1/completions", KEY + JSON + "Transfer-Encoding: chunked\r\n")
                + "xylophone\r\n");
    for (int i = 0; i < 3; i++) {
      for (String head : heads) {
        assertThat(Raw.answer(server, head))
            .as(head)
            .startsWith("HTTP/1.1 400")
            .contains("invalid_http");
      }
    }
    assertThat(Raw.answer(server, "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 414");
    assertThat(Raw.answer(server, "GET / HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431");

    String log = server.log();
    assertThat(Raw.lower(log)).doesNotContain("xylophone", "decoding failed");
    assertThat(log.lines().filter(line -> line.contains("headers are no HTTP")).count())
        .isBetween(1L, 3L); // this test may take a minute or two
  }

  @Test
  void hanging_up_in_the_middle_of_a_body_is_no_failure_of_the_service() throws Exception {
    String requests = "http.server.requests?tag=method:POST";
    server.post("/v1/completions", "{}");
    double before = server.metric(requests);
    for (int i = 0; i < 5; i++) {
      Raw.open(server, head("POST /v1/completions", KEY + JSON + "Content-Length: 50\r\n") + "{")
          .close();
    }
    Server.await("all were noticed", () -> server.is(requests, before + 5));
    assertThat(server.log()).doesNotContain("a request failed");
  }
}
