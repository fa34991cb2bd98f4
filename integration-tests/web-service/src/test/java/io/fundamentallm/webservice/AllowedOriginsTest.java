package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other sites, which the operator may let in. */
class AllowedOriginsTest {
  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.allowed-origins=https://app.example, http://localhost:3000");
  }

  private static String asked(Server server, String request, String... headers) throws Exception {
    String all = String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList());
    return Raw.lower(
        Raw.answer(
            server,
            request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + all + "\r\n"));
  }

  private static String preflight(Server server, String path, String origin) throws Exception {
    return asked(
        server,
        "OPTIONS " + path,
        "Origin: " + origin,
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization,content-type,x-stainless-os");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://app.example", "http://localhost:3000"})
  void a_preflight_gets_leave_without_the_key(String origin) throws Exception {
    for (String path : List.of("/v1/chat/completions", "/v1/completions", "/v1/models")) {
      assertThat(preflight(server, path, origin))
          .startsWith("http/1.1 204")
          .contains("access-control-allow-origin: " + origin)
          .containsPattern("access-control-allow-methods: [a-z, ]*post")
          .containsPattern(
              "access-control-allow-headers: authorization, ?content-type, ?x-stainless-os");
    }
  }

  @Test
  void the_key_is_asked_for_all_the_same_and_the_page_may_read_that() throws Exception {
    String origin = "Origin: https://app.example";
    assertThat(asked(server, "GET /v1/models", origin))
        .startsWith("http/1.1 401")
        .contains("access-control-allow-origin: https://app.example");
    assertThat(asked(server, "GET /v1/models", origin, "Authorization: Bearer " + Server.KEY))
        .startsWith("http/1.1 200")
        .contains("access-control-allow-origin: https://app.example")
        .containsPattern("access-control-expose-headers: x-request-id")
        .containsPattern("vary:[^\n]*origin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://app.example",
        "https://app.example.evil.example",
        "https://evil.example",
        "http://localhost:3001",
        "null"
      })
  void others_get_none(String origin) throws Exception {
    assertThat(preflight(server, "/v1/models", origin)).doesNotContain("access-control-allow");
    assertThat(
            asked(
                server,
                "GET /v1/models",
                "Origin: " + origin,
                "Authorization: Bearer " + Server.KEY))
        .startsWith("http/1.1 200") // who is no browser needs no leave
        .doesNotContain("access-control-allow");
  }

  @Test
  void what_is_not_the_interface_of_openai_is_for_nobody_elses_page() throws Exception {
    for (String path : List.of("/", "/actuator/metrics", "/actuator/health")) {
      assertThat(preflight(server, path, "https://app.example"))
          .doesNotContain("access-control-allow");
    }
  }

  @Test
  void by_default_no_page_is_let_in() throws Exception {
    assertThat(preflight(Server.shared(), "/v1/models", "https://app.example"))
        .startsWith("http/1.1 401")
        .doesNotContain("access-control-allow");
  }
}
