package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other sites can do to a service of this machine that asks for no key. */
class HostTest {
  private static final String BODY = "{\"prompt\": \"I am\", \"max_tokens\": 1}";
  private static final List<String> REQUESTS =
      List.of(
          "GET /",
          "GET /v1/models",
          "GET /actuator/health",
          "GET /actuator/metrics",
          "GET /js/api.js");

  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.api-key=", // empty: none is asked for
            "--fundamentallm.hosts=llm.example, Other.Example");
  }

  private static String asked(Server server, String request, String headers, String body)
      throws Exception {
    return Raw.answer(
        server,
        request
            + " HTTP/1.1\r\n"
            + headers
            + "Connection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8080",
        "evil.example.localhost",
        "xlocalhost",
        "0.0.0.0",
        "192.168.0.7",
        "[::2]:80",
        ""
      })
  void who_calls_it_by_another_name_is_refused(String host) throws Exception {
    for (String request : REQUESTS) {
      assertThat(asked(server, request, "Host: " + host + "\r\n", ""))
          .startsWith("HTTP/1.1 403")
          .contains("host_not_allowed", "fundamentallm.hosts");
    }
    String json = "Content-Type: application/json\r\n";
    assertThat(asked(server, "POST /v1/completions", "Host: " + host + "\r\n" + json, BODY))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void so_is_who_gives_no_name() throws Exception {
    assertThat(asked(server, "GET /v1/models", "", "")).startsWith("HTTP/1.1 403");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:1",
        "127.0.0.1:65535",
        "[::1]",
        "[::1]:8080",
        "llm.example:8080",
        "other.example"
      })
  void its_own_names_are_answered(String host) throws Exception {
    for (String request : REQUESTS) {
      assertThat(asked(server, request, "Host: " + host + "\r\n", "")).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain;charset=UTF-8\r\n",
        "Content-Type: text/plain; application/json\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=application/json\r\n"
      })
  void what_a_page_may_send_without_leave_is_not_read(String type) throws Exception {
    String headers = "Host: localhost\r\nOrigin: http://evil.example\r\n" + type;
    for (String path : List.of("/v1/completions", "/v1/chat/completions")) {
      assertThat(asked(server, "POST " + path, headers, BODY)).startsWith("HTTP/1.1 415");
    }
  }

  @Test
  void a_page_of_another_site_gets_no_leave_and_may_not_read() throws Exception {
    String headers =
        """
        Host: localhost
        Origin: http://evil.example
        Access-Control-Request-Method: POST
        Access-Control-Request-Headers: content-type
        Access-Control-Request-Private-Network: true
        """
            .replace("\n", "\r\n");
    for (String path : List.of("/v1/completions", "/v1/models", "/actuator/metrics", "/")) {
      for (String method : List.of("OPTIONS ", "GET ")) {
        assertThat(Raw.lower(asked(server, method + path, headers, "")))
            .doesNotContain("access-control-allow");
      }
    }
  }

  @Test
  void the_key_is_enough_where_one_is_asked_for() throws Exception {
    String headers = "Host: evil.example\r\nAuthorization: Bearer " + Server.KEY + "\r\n";

    assertThat(asked(Server.shared(), "GET /v1/models", headers, "")).startsWith("HTTP/1.1 200");
  }
}
