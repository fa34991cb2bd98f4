package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.fixtures.ToolChat;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spans and figures by OpenTelemetry's conventions. */
class TelemetryTest {
  private static ConfigurableApplicationContext service;
  private static InMemorySpanExporter spans;

  @Configuration(proxyBeanMethods = false)
  static class Exporter {
    @Bean
    InMemorySpanExporter spanExporter() {
      return InMemorySpanExporter.create();
    }
  }

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws IOException {
    service =
        new SpringApplicationBuilder(WebService.class, Exporter.class)
            .run(
                "--server.port=0",
                "--fundamentallm.model=" + ToolChat.directory(),
                "--fundamentallm.model-name=tools",
                "--fundamentallm.models.broken.path=" + broken(),
                "--management.tracing.sampling.probability=1");
    spans = service.getBean(InMemorySpanExporter.class);
  }

  /** A model whose weights are cut off, which shows when it is loaded. */
  private static Path broken() throws IOException {
    Path directory = TinyChat.copy(ToolChat.directory(), folder.resolve("broken"), true);
    Path weights = directory.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 4));
    return directory;
  }

  @AfterAll
  static void end() {
    if (service != null) {
      service.close();
    }
  }

  private static int post(String path, String body) throws Exception {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
  }

  private static SpanData span(String name) throws Exception {
    Server.await(
        "a span " + name,
        () -> spans.getFinishedSpanItems().stream().anyMatch(span -> span.getName().equals(name)));
    List<SpanData> found =
        spans.getFinishedSpanItems().stream().filter(span -> span.getName().equals(name)).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static String attribute(SpanData span, String key) {
    return span.getAttributes().get(AttributeKey.stringKey(key));
  }

  @Test
  void a_chat_is_a_span_within_that_of_its_request_and_a_figure() throws Exception {
    spans.reset();
    String chat =
        "{\"messages\": [{\"role\": \"user\", \"content\": \"hello\"}], \"temperature\": 0,"
            + " \"stop\": [\"\\n\"], \"max_tokens\": 20, \"stream\": true}";
    assertThat(post("/v1/chat/completions", chat)).isEqualTo(200);

    SpanData span = span("chat tools");
    assertThat(attribute(span, "gen_ai.operation.name")).isEqualTo("chat");
    assertThat(attribute(span, "gen_ai.provider.name")).isEqualTo("fundamentallm");
    assertThat(attribute(span, "gen_ai.request.model")).isEqualTo("tools");
    assertThat(attribute(span, "gen_ai.response.model")).isEqualTo("tools");
    assertThat(attribute(span, "gen_ai.response.finish_reasons")).isEqualTo("stop");
    assertThat(Integer.parseInt(attribute(span, "gen_ai.usage.input_tokens"))).isPositive();
    assertThat(Integer.parseInt(attribute(span, "gen_ai.usage.output_tokens"))).isPositive();
    assertThat(span.getAttributes().toString()).doesNotContain("hello");
    SpanData http = span("http post /v1/chat/completions");
    assertThat(span.getParentSpanId()).isEqualTo(http.getSpanId());
    assertThat(span.getTraceId()).isEqualTo(http.getTraceId());

    MeterRegistry meters = service.getBean(MeterRegistry.class);
    for (String name :
        List.of("request.duration", "time_to_first_token", "time_per_output_token")) {
      assertThat(
              meters
                  .get("gen_ai.server." + name)
                  .tags("gen_ai.operation.name", "chat", "gen_ai.response.model", "tools")
                  .timer()
                  .count())
          .as(name)
          .isPositive();
    }
  }

  @Test
  void a_refused_request_is_a_span_with_its_status() throws Exception {
    spans.reset();
    assertThat(post("/v1/embeddings", "{\"input\": []}")).isEqualTo(400);
    SpanData span = span("embeddings tools");
    assertThat(attribute(span, "error.type")).isEqualTo("400");
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);

    assertThat(post("/v1/completions", "{\"model\": \"other\", \"prompt\": \"a\"}")).isEqualTo(404);
    SpanData refused = span("text_completion");
    assertThat(attribute(refused, "error.type")).isEqualTo("404");
    assertThat(refused.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(refused.toString()).as("messages may quote what was sent").doesNotContain("other");
    SpanData http = span("http post /v1/completions");
    assertThat(http.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(http.toString()).as("nor in that of the request").doesNotContain("other");
    assertThat(
            service
                .getBean(MeterRegistry.class)
                .get("http.server.requests")
                .tags("uri", "/v1/completions", "exception", "ApiException", "status", "404")
                .timer()
                .count())
        .isPositive();
  }

  @Test
  void a_failure_marks_the_span_of_its_request_and_says_no_more() throws Exception {
    spans.reset();
    assertThat(post("/v1/completions", "{\"model\": \"broken\", \"prompt\": \"a\"}"))
        .isEqualTo(500);
    SpanData http = span("http post /v1/completions");
    assertThat(http.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(http.toString()).contains("ApiException").doesNotContain("cannot be loaded");
  }

  @Test
  void an_echo_is_no_first_token() throws Exception {
    String echo = "{\"prompt\": \"hello\", \"echo\": true, \"max_tokens\": 0}";
    spans.reset();
    assertThat(post("/v1/completions", echo)).isEqualTo(200);
    span("text_completion tools");
    MeterRegistry meters = service.getBean(MeterRegistry.class);
    assertThat(
            meters
                .find("gen_ai.server.time_to_first_token")
                .tags("gen_ai.operation.name", "text_completion")
                .timer())
        .isNull();
  }
}
