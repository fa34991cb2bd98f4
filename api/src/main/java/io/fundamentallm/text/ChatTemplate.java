package io.fundamentallm.text;

import java.util.List;

/** Lays out a conversation as the text that a chat model was trained on. Thread-safe. */
@FunctionalInterface
public interface ChatTemplate {
  /**
   * Renders the messages, with special tokens in their written form.
   *
   * @param addGenerationPrompt whether to end with the words that begin an answer
   * @throws IllegalArgumentException for a role or an order that the template refuses
   */
  String render(List<ChatMessage> messages, boolean addGenerationPrompt);

  /**
   * Renders the messages, and marks which stretches come from them. No stretch is empty; together
   * they are what {@link #render} gives.
   *
   * <p>By default a template cannot tell them apart. So it renders with a placeholder for each
   * content, and the contents are put in unchanged. A template that reads or changes contents,
   * rather than only leaving them out or repeating them, overrides this. Roles count as the
   * template's words.
   *
   * @param addGenerationPrompt whether to end with the words that begin an answer
   * @throws IllegalArgumentException for a role or an order that the template refuses
   */
  default List<ChatSegment> segments(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return ChatPlaceholders.segments(this, messages, addGenerationPrompt);
  }

  /**
   * Renders a prompt with its tools and template arguments, and marks as the other method does what
   * comes from messages, tools and arguments.
   *
   * <p>By default a template knows neither. So tools are described in the system message, and their
   * calls and results become words of the assistant and the user; arguments have no effect.
   *
   * @param addGenerationPrompt whether to end with the words that begin an answer
   * @throws IllegalArgumentException for what the template refuses
   */
  default List<ChatSegment> segments(ChatPrompt prompt, boolean addGenerationPrompt) {
    return segments(prompt.withToolsAsText().messages(), addGenerationPrompt);
  }

  /** How the template's model writes calls of tools. */
  default ChatNotation notation() {
    return ChatNotation.GENERIC;
  }

  /** Whether the template's model writes its thinking, between the notation's markers. */
  default boolean thinks() {
    return false;
  }
}
