package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  @TempDir private static Path folder;

  @Test
  void streamed_calls_in_parallel_go_there_and_their_results_back() throws Exception {
    Path model = TinyChat.copy(TinyChat.longContext(), folder.resolve("model"), false);
    Files.writeString(model.resolve("chat_template.jinja"), ToolsTest.TEMPLATE);
    try (Server server = Server.start(model, "--fundamentallm.model-name=tiny")) {
      List<String> lines = NodeClients.run("clients.mjs", server, "");
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
}
