package io.fundamentallm.webservice.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void who_speaks_may_have_a_name_which_no_template_sees() {
    String request =
        """
        {"messages": [
          {"role": "system", "name": "s", "content": "S"},
          {"role": "user", "name": "ann", "content": "q"},
          {"role": "assistant", "name": "bot", "content": "a"}]}
        """;
    assertThat(ChatMessages.read(new Fields(new JsonMapper().readTree(request), "")))
        .containsExactly(
            ChatMessage.system("S"), ChatMessage.user("q"), ChatMessage.assistant("a"));
    String number = request.replace("\"ann\"", "5");
    assertThatThrownBy(() -> ChatMessages.read(new Fields(new JsonMapper().readTree(number), "")))
        .hasMessage("'messages[1].name' must be a string");
  }
}
