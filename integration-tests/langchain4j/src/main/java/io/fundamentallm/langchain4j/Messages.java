package io.fundamentallm.langchain4j;

import static java.util.stream.Collectors.joining;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.List;
import java.util.Locale;

/** LangChain4j's messages as turns of a conversation. */
final class Messages {
  private Messages() {}

  /**
   * The turns, in the same order.
   *
   * @throws UnsupportedFeatureException for anything but text
   */
  static List<io.fundamentallm.text.ChatMessage> of(List<ChatMessage> messages) {
    return messages.stream().map(Messages::turn).toList();
  }

  private static io.fundamentallm.text.ChatMessage turn(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return io.fundamentallm.text.ChatMessage.system(system.text());
    } else if (message instanceof UserMessage user) {
      return io.fundamentallm.text.ChatMessage.user(
          user.contents().stream().map(Messages::text).collect(joining("\n")));
    } else if (message instanceof AiMessage ai && !ai.hasToolExecutionRequests()) {
      return io.fundamentallm.text.ChatMessage.assistant(ai.text() == null ? "" : ai.text());
    }
    throw new UnsupportedFeatureException(
        "a message of type "
            + message.type()
            + (message instanceof AiMessage ? " that calls tools" : "")
            + " is not supported by FundamentaLLM's models, only texts of SYSTEM, USER and AI");
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw new UnsupportedFeatureException(
        "content of type "
            + content.type()
            + " ("
            + content.type().name().toLowerCase(Locale.ROOT)
            + "s) is not supported by FundamentaLLM's models, only texts");
  }
}
