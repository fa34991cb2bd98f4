package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * A model's request to call a {@link ChatTool}.
 *
 * @param id what the result refers to; unique within a conversation
 * @param name the tool's
 * @param arguments a JSON object, as the model wrote it
 */
public record ChatToolCall(String id, String name, String arguments) {
  /** Checks that no part is null. */
  public ChatToolCall {
    requireNonNull(id, "id");
    requireNonNull(name, "name");
    requireNonNull(arguments, "arguments");
  }
}
