package io.fundamentallm.springai;

import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatToolCall;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.content.MediaContent;

/** Spring AI's messages as turns of a conversation. */
final class Messages {
  private Messages() {}

  /**
   * The turns, in the same order; each result of a tool is one.
   *
   * @throws UnsupportedOperationException for anything but text
   */
  static List<ChatMessage> of(List<Message> messages) {
    return messages.stream().flatMap(Messages::turns).toList();
  }

  private static Stream<ChatMessage> turns(Message message) {
    if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
      throw new UnsupportedOperationException(
          "a message of type "
              + message.getMessageType()
              + " with media is not supported by FundamentaLLM's models, only texts");
    }
    if (message instanceof ToolResponseMessage results) {
      return results.getResponses().stream().map(Messages::result);
    }
    String text = requireNonNullElse(message.getText(), "");
    return Stream.of(
        switch (message.getMessageType()) {
          case SYSTEM -> ChatMessage.system(text);
          case USER -> ChatMessage.user(text);
          case ASSISTANT, TOOL -> assistant(message, text);
        });
  }

  private static ChatMessage result(ToolResponseMessage.ToolResponse result) {
    return ChatMessage.tool(
        new ChatToolCall(requireNonNullElse(result.id(), result.name()), result.name(), "{}"),
        requireNonNullElse(result.responseData(), ""));
  }

  /** A call of this or another model, some of which give no id, or nothing for no arguments. */
  private static ChatToolCall call(AssistantMessage.ToolCall call) {
    String arguments = requireNonNullElse(call.arguments(), "");
    return new ChatToolCall(
        requireNonNullElse(call.id(), call.name()),
        call.name(),
        arguments.isBlank() ? "{}" : arguments);
  }

  private static ChatMessage assistant(Message message, String text) {
    List<ChatToolCall> calls =
        message instanceof AssistantMessage assistant
            ? assistant.getToolCalls().stream().map(Messages::call).toList()
            : List.of();
    Object thinking = message.getMetadata().get(ChatResponses.REASONING);
    return ChatMessage.assistant(text, calls)
        .withThinking(thinking instanceof String thought ? thought : "");
  }
}
