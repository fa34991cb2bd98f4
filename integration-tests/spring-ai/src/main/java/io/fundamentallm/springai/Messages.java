package io.fundamentallm.springai;

import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.text.ChatMessage;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.content.MediaContent;

/** Spring AI's messages as turns of a conversation. */
final class Messages {
  private Messages() {}

  /**
   * The turns, in the same order.
   *
   * @throws UnsupportedOperationException for anything but text
   */
  static List<ChatMessage> of(List<Message> messages) {
    return messages.stream().map(Messages::turn).toList();
  }

  private static ChatMessage turn(Message message) {
    if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
      throw unsupported(message, " with media");
    }
    if (message instanceof AssistantMessage assistant && assistant.hasToolCalls()) {
      throw unsupported(message, " that calls tools");
    }
    String text = requireNonNullElse(message.getText(), "");
    return switch (message.getMessageType()) {
      case SYSTEM -> ChatMessage.system(text);
      case USER -> ChatMessage.user(text);
      case ASSISTANT -> ChatMessage.assistant(text);
      case TOOL -> throw unsupported(message, "");
    };
  }

  private static UnsupportedOperationException unsupported(Message message, String what) {
    return new UnsupportedOperationException(
        "a message of type "
            + message.getMessageType()
            + what
            + " is not supported by FundamentaLLM's models, only texts of SYSTEM, USER and"
            + " ASSISTANT");
  }
}
