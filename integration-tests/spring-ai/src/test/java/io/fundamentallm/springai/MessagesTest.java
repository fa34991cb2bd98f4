package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.text.ChatMessage;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;

class MessagesTest {
  @Test
  void texts_are_turns_in_the_roles_of_published_templates() {
    assertThat(
            Messages.of(
                List.of(
                    new SystemMessage("be loud"),
                    new UserMessage("I am Ann"),
                    new AssistantMessage("HELLO!"),
                    new AssistantMessage(null))))
        .containsExactly(
            ChatMessage.system("be loud"),
            ChatMessage.user("I am Ann"),
            ChatMessage.assistant("HELLO!"),
            ChatMessage.assistant(""));
  }

  static List<Message> others() {
    return List.of(
        UserMessage.builder()
            .text("what is this")
            .media(
                Media.builder()
                    .mimeType(Media.Format.IMAGE_PNG)
                    .data(URI.create("https://example.com/picture.png"))
                    .build())
            .build(),
        AssistantMessage.builder()
            .toolCalls(List.of(new AssistantMessage.ToolCall("1", "function", "look", "{}")))
            .build(),
        ToolResponseMessage.builder()
            .responses(List.of(new ToolResponseMessage.ToolResponse("1", "look", "nothing there")))
            .build());
  }

  @ParameterizedTest
  @MethodSource("others")
  void what_is_not_text_is_refused(Message message) {
    assertThatThrownBy(() -> Messages.of(List.of(message)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("not supported by FundamentaLLM's models");
  }
}
