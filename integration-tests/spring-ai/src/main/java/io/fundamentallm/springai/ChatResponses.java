package io.fundamentallm.springai;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatToolCall;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * Answers, whole or in pieces, as Spring AI's responses.
 *
 * @param modelName of the model in all of them
 */
record ChatResponses(String modelName) {
  /** What the model thought, in a message's metadata, as in Spring AI's model of OpenAI. */
  static final String REASONING = "reasoningContent";

  /** The same in the metadata of a generation, as in its model of Ollama. */
  static final String THINKING = "thinking";

  /** The whole answer with what is reported at the end. */
  ChatResponse whole(ChatMessage answer, Generation ended) {
    return last(answer, answer, ended);
  }

  /** A response with this piece, which others follow. */
  ChatResponse piece(ChatMessage piece) {
    return response(
        message(piece, ""),
        piece.thinking().isEmpty()
            ? ChatGenerationMetadata.NULL
            : ChatGenerationMetadata.builder().metadata(THINKING, piece.thinking()).build(),
        ChatResponseMetadata.builder().model(modelName).build());
  }

  /**
   * The last response of a stream.
   *
   * @param piece what was not yet in another
   */
  ChatResponse last(ChatMessage piece, ChatMessage answer, Generation ended) {
    GenerationSummary summary = ended.summary();
    ChatGenerationMetadata.Builder end =
        ChatGenerationMetadata.builder()
            .finishReason(reason(ended.finishReason(), !answer.toolCalls().isEmpty()));
    if (!piece.thinking().isEmpty()) {
      end.metadata(THINKING, piece.thinking());
    }
    return response(
        message(piece, answer.thinking()),
        end.build(),
        ChatResponseMetadata.builder()
            .model(modelName)
            .usage(new DefaultUsage(summary.promptTokens(), summary.generatedTokens()))
            .build());
  }

  private static AssistantMessage message(ChatMessage piece, String thinking) {
    return AssistantMessage.builder()
        .content(piece.content())
        .toolCalls(piece.toolCalls().stream().map(ChatResponses::call).toList())
        .properties(thinking.isEmpty() ? Map.of() : Map.of(REASONING, thinking))
        .build();
  }

  private static AssistantMessage.ToolCall call(ChatToolCall call) {
    return new AssistantMessage.ToolCall(call.id(), "function", call.name(), call.arguments());
  }

  private static ChatResponse response(
      AssistantMessage message, ChatGenerationMetadata end, ChatResponseMetadata metadata) {
    return new ChatResponse(
        List.of(new org.springframework.ai.chat.model.Generation(message, end)), metadata);
  }

  private static String reason(FinishReason reason, boolean calls) {
    return switch (reason) {
      case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION -> calls ? "TOOL_CALLS" : "STOP";
      case MAX_NEW_TOKENS, CONTEXT_FULL -> "LENGTH";
      case TIME_LIMIT, REPETITION, CANCELLED -> "OTHER";
    };
  }
}
