package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  private static HttpResponse<String> without(String path) throws Exception {
    return server.send(HttpRequest.newBuilder(server.uri(path)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models",
        "/v1/models/tiny",
        "/v1/completions",
        "/v1/nothing",
        "/%76%31/models",
        "/v1;a=b/models",
        "/v1/models/",
        "/actuator",
        "/actuator/metrics",
        "/actuator/prometheus"
      })
  void without_the_key_there_is_nothing_to_see(String path) throws Exception {
    HttpResponse<String> response = without(path);

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
    assertThat(Server.json(response.body()).at("/error/code").stringValue())
        .isEqualTo("invalid_api_key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer wrong",
        "Bearer ",
        "Bearer",
        "Basic " + Server.KEY,
        Server.KEY,
        "Bearer " + Server.KEY + "x",
        "Bearer x" + Server.KEY
      })
  void another_key_is_refused(String header) throws Exception {
    HttpResponse<String> response =
        server.send(
            HttpRequest.newBuilder(server.uri("/v1/models")).header("Authorization", header));

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body()).doesNotContain(Server.KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "sesame-open-74, lacks the word Bearer",
    "wrong-key-75, lacks the word Bearer",
    "Bearer, is not of the form",
    "Basic wrong-key-75, is not of the form",
    "Bearer Bearer wrong-key-75, stands twice",
    "Bearer wrong-key-75, is not the right one"
  })
  void the_refusal_says_what_is_wrong_with_the_header_and_nothing_of_it(
      String header, String expected) throws Exception {
    String body =
        server
            .send(HttpRequest.newBuilder(server.uri("/v1/models")).header("Authorization", header))
            .body();

    assertThat(body).contains(expected).doesNotContain("sesame", "wrong-key", "74", "75");
  }

  @Test
  void without_any_header_the_right_one_is_told() throws Exception {
    assertThat(without("/v1/models").body())
        .contains("no key was given", "Bearer KEY", "x-api-key: KEY");
  }

  @Test
  void the_key_opens() throws Exception {
    assertThat(server.get("/v1/models").statusCode()).isEqualTo(200);
    assertThat(
            server
                .send(
                    HttpRequest.newBuilder(server.uri("/v1/models"))
                        .header("Authorization", "bearer " + Server.KEY))
                .statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void health_needs_no_key_and_tells_no_more_than_itself(String path) throws Exception {
    HttpResponse<String> response = without(path);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(Server.json(response.body()).get("status").stringValue()).isEqualTo("UP");
    assertThat(response.body()).doesNotContain("diskSpace");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/health/..%2fprometheus",
        "/actuator/health/..%2F..%2Fv1/models",
        "/actuator/health/a%2fb",
        "/actuator/health/liveness%2f"
      })
  void no_encoded_slash_leads_out_of_health(String path) throws Exception {
    for (HttpResponse<String> response : List.of(without(path), server.get(path))) {
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(Server.json(response.body()).at("/error/code").stringValue())
          .isEqualTo("not_found");
    }
    assertThat(without("/actuator/metrics/..%2fhealth").statusCode()).isEqualTo(401);
    assertThat(server.log()).doesNotContain("a request failed");
  }

  @Test
  void metrics_are_told_to_prometheus() throws Exception {
    server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 3}");

    String metrics = server.get("/actuator/prometheus").body();

    assertThat(metrics)
        .contains(
            "fundamentallm_requests_running ",
            "fundamentallm_requests_waiting ",
            "fundamentallm_requests_refused_total ",
            "fundamentallm_requests_cancelled_total ",
            "fundamentallm_tokens_prompt_total ",
            "fundamentallm_time_to_first_token_seconds_bucket{",
            "fundamentallm_pass_seconds_count ",
            "fundamentallm_pass_sessions_count ",
            "fundamentallm_pass_tokens_sum ");
    assertThat(server.metric("fundamentallm.tokens.generated")).isPositive();
  }
}
