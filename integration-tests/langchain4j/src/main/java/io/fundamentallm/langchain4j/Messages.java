package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNullElse;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.fundamentallm.text.ChatToolCall;
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
      return io.fundamentallm.text.ChatMessage.user(content(user.contents()));
    } else if (message instanceof AiMessage ai) {
      return io.fundamentallm.text.ChatMessage.assistant(
              requireNonNullElse(ai.text(), ""),
              ai.toolExecutionRequests().stream().map(Messages::call).toList())
          .withThinking(requireNonNullElse(ai.thinking(), ""));
    } else if (message instanceof ToolExecutionResultMessage result) {
      String id = requireNonNullElse(result.id(), result.toolName());
      return io.fundamentallm.text.ChatMessage.tool(
          new ChatToolCall(id, result.toolName(), "{}"), content(result.contents()));
    }
    throw new UnsupportedFeatureException(
        "a message of type "
            + message.type()
            + " is not supported by FundamentaLLM's models, only texts of SYSTEM, USER, AI and"
            + " TOOL_EXECUTION_RESULT");
  }

  /** A call of this or another model, some of which write nothing for no arguments. */
  private static ChatToolCall call(ToolExecutionRequest request) {
    String arguments = requireNonNullElse(request.arguments(), "");
    return new ChatToolCall(
        requireNonNullElse(request.id(), request.name()),
        request.name(),
        arguments.isBlank() ? "{}" : arguments);
  }

  /** A call of the model's as a request to LangChain4j. */
  static ToolExecutionRequest request(ChatToolCall call) {
    return ToolExecutionRequest.builder()
        .id(call.id())
        .name(call.name())
        .arguments(call.arguments())
        .build();
  }

  private static String content(List<Content> contents) {
    return io.fundamentallm.text.ChatMessage.joinParts(
        contents.stream().map(Messages::text).toList());
  }

  /** A content that is text. */
  static String text(Content content) {
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
