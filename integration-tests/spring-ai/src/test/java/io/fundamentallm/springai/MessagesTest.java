package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatToolCall;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
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

  @Test
  void calls_their_results_and_thinking_are_turns_too() {
    AssistantMessage calls =
        AssistantMessage.builder()
            .content("")
            .properties(Map.of("reasoningContent", "Hm."))
            .toolCalls(
                List.of(
                    new AssistantMessage.ToolCall("1", "function", "look", "{\"at\":2}"),
                    new AssistantMessage.ToolCall("2", "function", "look", "")))
            .build();
    ToolResponseMessage results =
        ToolResponseMessage.builder()
            .responses(
                List.of(
                    new ToolResponseMessage.ToolResponse("1", "look", "nothing there"),
                    new ToolResponseMessage.ToolResponse("2", "look", "nothing here")))
            .build();
    ChatToolCall first = new ChatToolCall("1", "look", "{\"at\":2}");
    ChatToolCall second = new ChatToolCall("2", "look", "{}");

    assertThat(Messages.of(List.of(calls, results)))
        .containsExactly(
            ChatMessage.assistant("", List.of(first, second)).withThinking("Hm."),
            ChatMessage.tool(first, "nothing there"),
            ChatMessage.tool(second, "nothing here"));
  }

  @Test
  void what_is_not_text_is_refused() {
    Message picture =
        UserMessage.builder()
            .text("what is this")
            .media(
                Media.builder()
                    .mimeType(Media.Format.IMAGE_PNG)
                    .data(URI.create("https://example.com/picture.png"))
                    .build())
            .build();

    assertThatThrownBy(() -> Messages.of(List.of(picture)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("not supported by FundamentaLLM's models");
  }

  /** As other models and stores of conversations leave them out. */
  @Test
  void a_call_without_an_id_is_called_by_its_name_and_without_arguments_has_none() {
    AssistantMessage.ToolCall call = new AssistantMessage.ToolCall(null, "function", "now", null);
    ToolResponseMessage.ToolResponse result =
        new ToolResponseMessage.ToolResponse(null, "now", null);
    ChatToolCall expected = new ChatToolCall("now", "now", "{}");

    assertThat(
            Messages.of(
                List.of(
                    AssistantMessage.builder().content("").toolCalls(List.of(call)).build(),
                    ToolResponseMessage.builder().responses(List.of(result)).build())))
        .containsExactly(
            ChatMessage.assistant("", List.of(expected)), ChatMessage.tool(expected, ""));
  }
}
