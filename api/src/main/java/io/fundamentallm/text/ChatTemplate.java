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

  /**
   * Lays a whole conversation out to learn from, and marks as {@link ChatSegment#generated()} what
   * the assistant writes: its words and what ends its turn, but not what the template puts before
   * them to begin an answer.
   *
   * <p>By default that is what the rendering up to and with a turn adds to the rendering before it
   * that asks for an answer; white space that a template writes after the end of a turn is not the
   * assistant's. Some templates write a turn differently once others follow, for example without
   * its thinking. Such a turn is an example of its own, as it looks when it is the last: so each
   * answer is learned after exactly what a model reads before it answers.
   *
   * @param conversation with at least one turn of the role {@code assistant}
   * @return the examples, in the order of their last turns; usually one
   * @throws IllegalArgumentException for what the template refuses, or if there is no such turn
   */
  default List<List<ChatSegment>> examples(ChatPrompt conversation) {
    return AssistantTurns.examples(this, conversation);
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
