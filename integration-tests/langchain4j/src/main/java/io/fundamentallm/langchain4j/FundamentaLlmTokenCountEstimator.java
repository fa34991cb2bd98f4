package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Counts tokens with a model's own tokenizer, for memories of limited size and for splitting
 * documents. Immutable and thread-safe.
 *
 * <pre>{@code
 * ChatMemory memory = TokenWindowChatMemory.withMaxTokens(
 *     1500, FundamentaLlmTokenCountEstimator.of(generator.tokenizer()));
 * }</pre>
 */
public final class FundamentaLlmTokenCountEstimator implements TokenCountEstimator {
  private final Tokenizer tokenizer;

  private FundamentaLlmTokenCountEstimator(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Counts with this tokenizer. */
  public static FundamentaLlmTokenCountEstimator of(Tokenizer tokenizer) {
    return new FundamentaLlmTokenCountEstimator(requireNonNull(tokenizer, "tokenizer"));
  }

  /** The number of tokens of a text by itself. */
  @Override
  public int estimateTokenCountInText(String text) {
    return tokenizer.encode(text).length;
  }

  /**
   * The number of tokens of a message's words, calls and thinking; what a chat template puts around
   * them is not counted.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException for contents other than text
   */
  @Override
  public int estimateTokenCountInMessage(ChatMessage message) {
    io.fundamentallm.text.ChatMessage turn = Messages.of(List.of(message)).get(0);
    int calls =
        turn.toolCalls().stream()
            .mapToInt(call -> tokens(call.name()) + tokens(call.arguments()))
            .sum();
    return tokens(turn.content()) + tokens(turn.thinking()) + calls;
  }

  /**
   * The number of tokens of a conversation as the chat template lays it out, with what asks for the
   * answer: what a model reads. Where there is no template, or it refuses the conversation, such as
   * one without its first turns: the sum over the messages.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException for contents other than text
   */
  @Override
  public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
    List<ChatMessage> all = new ArrayList<>();
    messages.forEach(all::add);
    Optional<ChatTemplate> template = tokenizer.chatTemplate();
    if (template.isPresent()) {
      try {
        return tokenizer.encode(template.get().segments(ChatPrompt.of(Messages.of(all)), true))
            .length;
      } catch (IllegalArgumentException e) {
        // the sum, then
      }
    }
    return all.stream().mapToInt(this::estimateTokenCountInMessage).sum();
  }

  private int tokens(String text) {
    return text.isEmpty() ? 0 : tokenizer.encode(text).length;
  }
}
