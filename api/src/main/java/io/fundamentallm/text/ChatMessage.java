package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * One turn of a conversation.
 *
 * @param role who speaks, in the terms the model was trained with: usually {@code system}, {@code
 *     user} or {@code assistant}
 * @param content the message; never searched for special tokens
 */
public record ChatMessage(String role, String content) {
  /** Checks that neither part is null. */
  public ChatMessage {
    requireNonNull(role, "role");
    requireNonNull(content, "content");
  }

  /** A turn of the role {@code system}. */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  /** A turn of the role {@code user}. */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /** A turn of the role {@code assistant}. */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }
}
