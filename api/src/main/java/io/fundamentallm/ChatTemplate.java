package io.fundamentallm;

import java.util.List;

/** Lays a conversation out as the text that a chat model was trained on. Thread-safe. */
@FunctionalInterface
public interface ChatTemplate {
  /**
   * Renders the messages, special tokens in their written form.
   *
   * @param addGenerationPrompt whether to end with the words that begin an answer
   * @throws IllegalArgumentException for a role or an order that the template refuses
   */
  String render(List<ChatMessage> messages, boolean addGenerationPrompt);
}
