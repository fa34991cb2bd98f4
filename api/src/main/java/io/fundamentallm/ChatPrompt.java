package io.fundamentallm;

import java.util.List;

/** Encodes a conversation so that only the template speaks in special tokens. */
final class ChatPrompt {
  private ChatPrompt() {}

  static int[] encode(Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    return tokenizer.encode(template.segments(messages, true));
  }
}
