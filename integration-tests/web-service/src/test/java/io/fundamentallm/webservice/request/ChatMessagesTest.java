package io.fundamentallm.webservice.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.webservice.json.Fields;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ChatMessagesTest {
  /** As they are learned; the test of that in api is named alike. */
  @Test
  void parts_and_roles_are_served_as_they_are_learned() {
    String request =
        """
        {"messages": [
          {"role": "developer", "content": [
            {"type": "text", "text": ""}, {"type": "text", "text": "S"}, {"type": "text", "text": "T"}]},
          {"role": "user", "content": "q"},
          {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}
        """;
    assertThat(ChatMessages.read(new Fields(new JsonMapper().readTree(request), "")))
        .containsExactly(
            ChatMessage.system("S\nT"), ChatMessage.user("q"), ChatMessage.assistant("a\nb"));
  }
}
