package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Models and an adapter by the names that the README's settings give them. */
class AdapterTest {
  private static final String QUESTION =
      "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"I am Ann\"}],"
          + " \"stop\": [\"\\n\"], \"temperature\": 0, \"max_tokens\": 20}";

  /** An adapter with which the model greets in French. */
  private static Path french(Path directory) throws IOException {
    Tokenizer tokenizer = Tokenizers.load(TinyChat.directory());
    List<String> conversations =
        List.of(
            "user\nI am Ann\nassistant\nbonjour Ann",
            "user\nI am Bob\nassistant\nbonjour Bob",
            "user\nI am Eve\nassistant\nbonjour Eve");
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .fineTuning(FineTuning.of(TinyChat.directory()).withLora(FineTuning.Lora.ofRank(4)))
            .contextLength(64)
            .batchSize(3)
            .windows("documents")
            .learningRate(1e-2, 1e-3)
            .steps(60)
            .warmupSteps(5)
            .build();
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofDocuments(tokenizer, conversations, 1), plan);
    assertThat(directory).isDirectoryContaining("glob:**adapter_model.safetensors");
    return directory;
  }

  /** What the same adapter answers without a service. */
  private static String answerOfTheLibrary(Path adapter) throws IOException {
    try (TextGenerator generator =
        TextGenerator.load(TinyChat.directory(), "cpu(adapter=\"" + adapter + "\")")
            .withSampler("greedy")
            .withStops("\n")
            .withMaxNewTokens(20)) {
      return generator
          .chat(ChatPrompt.of(List.of(ChatMessage.user("I am Ann"))))
          .message()
          .content();
    }
  }

  /** The README's settings of this kind, with these paths in place of its own. */
  private static String settings(String kind, Path model, Path adapter) throws IOException {
    MatchResult block =
        Pattern.compile("```" + kind + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .findFirst()
            .orElseThrow();
    return block
        .group(1)
        .replaceAll("/models/\\S+", model.toString())
        .replaceAll("/adapters/\\S+", adapter.toString());
  }

  private static String answer(Server server, String model) throws Exception {
    JsonNode answer = server.ask("/v1/chat/completions", QUESTION.formatted(model));
    assertThat(answer.get("model").stringValue()).isEqualTo(model);
    return answer.at("/choices/0/message/content").stringValue();
  }

  @Test
  void a_request_names_an_adapter(@TempDir Path folder) throws Exception {
    Path model = TinyChat.directory();
    Path adapter = french(folder.resolve("french"));
    Path settings = Files.createDirectory(folder.resolve("settings"));
    Files.writeString(
        settings.resolve("application.properties"), settings("properties", model, adapter));
    Files.writeString(settings.resolve("application.yaml"), settings("yaml", model, adapter));
    try (Server server =
        Server.start(
            model,
            "--fundamentallm.model-name=english",
            "--fundamentallm.models.[as.argument].path=" + model,
            "--spring.config.additional-location=file:" + settings + "/")) {
      JsonNode models = Server.json(server.get("/v1/models").body());
      assertThat(models.get("data").valueStream().map(its -> its.get("id").stringValue()))
          .containsExactlyInAnyOrder(
              "english", "small", "french", "qwen3-1.7b", "org/qwen3-4b", "as.argument");

      String expected = answerOfTheLibrary(adapter);
      assertThat(answer(server, "english")).isEqualTo("hello Ann").isNotEqualTo(expected);
      assertThat(answer(server, "french")).isEqualTo(expected).startsWith("bonjour");
      assertThat(answer(server, "qwen3-1.7b")).isEqualTo("hello Ann");
      assertThat(answer(server, "org/qwen3-4b")).isEqualTo("hello Ann");
      assertThat(answer(server, "french")).as("still the adapter's").isEqualTo(expected);

      HttpResponse<String> unknown =
          server.post("/v1/chat/completions", QUESTION.formatted("german"));
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body())
          .contains("model_not_found", "the model 'german' does not exist", "'french'");
    }
  }
}
