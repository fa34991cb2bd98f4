package io.fundamentallm;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.util.List;

/** Encodes a conversation so that only the template speaks in special tokens. */
final class ChatPrompt {
  private ChatPrompt() {}

  static int[] encode(Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    return tokenizer.encode(template.segments(messages, true));
  }
}
