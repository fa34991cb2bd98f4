package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The official clients of npm against the service: OpenAI's, with chats and responses, Anthropic's,
 * and Vercel's. They need node and the registry: {@code mvn -Poracles verify}.
 */
@Tag("clients")
class NodeClientsTest {
  private static final String[] PACKAGES = {
    "openai@7.59.0",
    "@anthropic-ai/sdk@1.14.0",
    "ai@7.0.173",
    "@ai-sdk/openai-compatible@2.0.92",
    "zod@4.6.7"
  };

  @TempDir private static Path folder;

  @Test
  void streamed_calls_in_parallel_go_there_and_their_results_back() throws Exception {
    Path model = TinyChat.copy(TinyChat.longContext(), folder.resolve("model"), false);
    Files.writeString(model.resolve("chat_template.jinja"), ToolsTest.TEMPLATE);
    try (Server server = Server.start(model, "--fundamentallm.model-name=tiny")) {
      List<String> lines =
          run(place(), "node", "clients.mjs", server.uri("").toString(), Server.KEY);
      assertThat(lines)
          .extracting(line -> Server.json(line).get("client").stringValue())
          .containsExactly("openai", "responses", "anthropic", "ai");
      for (String line : lines) {
        JsonNode result = Server.json(line);
        JsonNode calls = result.get("calls");
        assertThat(calls.size()).as(line).isGreaterThan(1);
        for (JsonNode call : calls) {
          assertThat(call.get(0).stringValue()).isIn("weather", "forecast");
          assertThat(call.get(1).get("city").stringValue()).isIn("Oslo", "Rome");
        }
        assertThat(result.get("events").intValue()).as(line).isGreaterThan(5 * calls.size());
        assertThat(result.get("answer").stringValue()).as(line).isEqualTo("string");
        if (!result.get("client").stringValue().equals("ai")) {
          assertThat(result.get("cached").intValue()).as(line).isPositive();
        }
      }
    }
  }

  private static Path place() throws IOException, InterruptedException {
    Path place = Files.createDirectories(Path.of("target", "clients").toAbsolutePath());
    if (!Files.isRegularFile(place.resolve("installed"))) {
      List<String> command =
          new ArrayList<>(
              List.of("npm", "install", "-E", "--no-audit", "--no-fund", "--ignore-scripts"));
      command.addAll(List.of(PACKAGES));
      run(place, command.toArray(String[]::new));
      Files.writeString(place.resolve("installed"), String.join(" ", PACKAGES));
    }
    try (InputStream in = NodeClientsTest.class.getResourceAsStream("/clients.mjs")) {
      Files.write(place.resolve("clients.mjs"), in.readAllBytes());
    }
    return place;
  }

  private static List<String> run(Path place, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(place, "out", ".txt");
    Path err = Files.createTempFile(place, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(place.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(command[0] + " takes more than ten minutes");
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readAllLines(out);
  }
}
