package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.fixtures.ToolChat;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** One service, several models. */
class SeveralModelsTest {
  private static final String QUESTION =
      "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}],"
          + " \"stop\": [\"\\n\"], \"temperature\": 0, \"max_tokens\": 40}";

  private static String answer(Server server, String model, String question) throws Exception {
    JsonNode answer = server.ask("/v1/chat/completions", QUESTION.formatted(model, question));
    assertThat(answer.get("model").stringValue()).isEqualTo(model);
    return answer.get("choices").get(0).get("message").get("content").stringValue();
  }

  @Test
  void the_request_names_its_model(@TempDir Path folder) throws Exception {
    Path plain = TinyChat.copy(TinyChat.directory(), folder.resolve("plain"), false);
    long bytes = 0;
    for (Path model : new Path[] {TinyChat.directory(), ToolChat.directory()}) {
      bytes += Files.size(model.resolve("model.safetensors"));
    }
    try (Server server =
        Server.start(
            TinyChat.directory(),
            "--fundamentallm.model-name=names",
            "--fundamentallm.models.tools.path=" + ToolChat.directory(),
            "--fundamentallm.models.plain.path=" + plain,
            "--fundamentallm.models-memory=" + (bytes + 200_000) + "B")) {
      JsonNode models = Server.json(server.get("/v1/models").body());
      assertThat(models.get("data").valueStream().map(its -> its.get("id").stringValue()))
          .containsExactly("names", "tools", "plain");
      assertThat(models.get("data").get(1).get("loaded").booleanValue()).isFalse();
      assertThat(models.get("data").get(1).get("max_model_len").intValue()).isEqualTo(200);
      assertThat(models.get("data").get(2).get("capabilities").size()).isEqualTo(1);

      assertThat(answer(server, "tools", "hello")).isEqualTo("hello to you");
      assertThat(answer(server, "names", "I am Ann")).isEqualTo("hello Ann");
      assertThat(loaded(server, "tools")).isTrue();
      HttpResponse<String> refused =
          server.post("/v1/chat/completions", QUESTION.formatted("plain", "hello"));
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("the model 'plain' has no chat template");
      assertThat(loaded(server, "plain")).isTrue();
      assertThat(loaded(server, "tools")).as("made room").isFalse();
      assertThat(answer(server, "tools", "hello")).as("again").isEqualTo("hello to you");
      for (String path : new String[] {"/tokenize", "/v1/embeddings"}) {
        String text = path.equals("/tokenize") ? "prompt" : "input";
        assertThat(
                server.post(path, "{\"model\": \"tools\", \"" + text + "\": \"a\"}").statusCode())
            .isEqualTo(200);
      }

      HttpResponse<String> unknown =
          server.post("/v1/chat/completions", QUESTION.formatted("other", "hello"));
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body()).contains("model_not_found", "here are 'names', 'tools', 'plain'");
      server.awaitRunning(0);
    }
  }

  private static boolean loaded(Server server, String model) throws Exception {
    return Server.json(server.get("/v1/models/" + model).body()).get("loaded").booleanValue();
  }
}
