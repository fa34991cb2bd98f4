package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the service remembers of prompts: counted, the same text, and there after a restart. */
class RememberedPromptsTest {
  @TempDir private Path folder;

  private static String chat(String more) {
    return ("{'messages': [{'role': 'system', 'content': 'Be kind and patient, and say who you are"
            + " whenever somebody asks for it.'}, {'role': 'user', 'content': 'I am Ann'}], "
            + more
            + "}")
        .replace('\'', '"');
  }

  private static int cached(JsonNode answer) {
    return answer.get("usage").get("prompt_tokens_details").get("cached_tokens").intValue();
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("message").get("content").stringValue();
  }

  @Test
  void a_restarted_service_knows_a_conversation_and_writes_the_same() throws Exception {
    String disk = "--fundamentallm.prefix-cache.directory=" + folder.resolve("prefixes");
    String path = "/v1/chat/completions";
    List<String> texts = new ArrayList<>();
    try (Server server =
        Server.start(TinyChat.longContext(), "--fundamentallm.prefix-cache.memory=0")) {
      for (String more : List.of("'temperature': 0", "'temperature': 1.5, 'seed': 4")) {
        JsonNode answer = server.ask(path, chat(more));
        assertThat(cached(server.ask(path, chat(more)))).isZero();
        texts.add(text(answer));
      }
    }
    try (Server server = Server.start(TinyChat.longContext(), disk)) {
      JsonNode first = server.ask(path, chat("'temperature': 0"));
      assertThat(cached(first)).isZero();
      assertThat(text(first)).isEqualTo(texts.get(0));
      JsonNode again = server.ask(path, chat("'temperature': 1.5, 'seed': 4"));
      assertThat(cached(again)).isEqualTo(again.get("usage").get("prompt_tokens").intValue() - 1);
      assertThat(text(again)).isEqualTo(texts.get(1));
      assertThat(server.metric("fundamentallm.prefix.cache.hits")).isEqualTo(1);
      assertThat(server.metric("fundamentallm.prefix.cache.saved.tokens")).isEqualTo(cached(again));
      server.stop();
    }
    try (Stream<Path> files = Files.list(folder.resolve("prefixes"))) {
      assertThat(files).isNotEmpty();
    }
    try (Server server = Server.start(TinyChat.longContext(), disk)) {
      JsonNode answer = server.ask(path, chat("'temperature': 0"));
      assertThat(cached(answer)).isEqualTo(answer.get("usage").get("prompt_tokens").intValue() - 1);
      assertThat(text(answer)).isEqualTo(texts.get(0));
      assertThat(server.metric("fundamentallm.prefix.cache.restored")).isEqualTo(1);
    }
  }

  @Test
  void a_system_prompt_can_be_read_before_anybody_asks() throws Exception {
    try (Server server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.prefix-cache.system-prompt=Be kind and patient, and say who you are"
                + " whenever somebody asks for it.")) {
      assertThat(cached(server.ask("/v1/chat/completions", chat("'temperature': 0"))))
          .isGreaterThan(20);
    }
  }
}
