package io.fundamentallm;

import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tokens that conversations begin with, kept in the prefix cache for good. */
final class PinnedPrefix {
  private PinnedPrefix() {}

  /** Reads what conversations with this beginning have in common, and pins it. */
  static void pin(
      Tokenizer tokenizer, LanguageModel model, DecodingOptions options, ChatPrompt beginning) {
    PrefixCache cache =
        options
            .prefixCache()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the options of this generator have no prefix cache"));
    int[] tokens = common(tokenizer, beginning);
    if (tokens.length == 0) {
      return;
    }
    if (tokens.length > model.info().contextLength()) {
      throw new IllegalArgumentException(
          "the beginning has "
              + tokens.length
              + " tokens, more than the model's context of "
              + model.info().contextLength());
    }
    Session taken = cache.take(model, tokens);
    try (Session session = taken == null ? model.open() : taken) {
      session.append(Arrays.copyOfRange(tokens, session.length(), tokens.length));
      cache.pin(model, tokens, session);
    }
  }

  /** What two conversations have in common that go on differently. */
  private static int[] common(Tokenizer tokenizer, ChatPrompt beginning) {
    ChatTemplate template = ChatDecoding.template(tokenizer);
    int[] one = tokenizer.encode(template.segments(continued(beginning, "A"), true));
    int[] other = tokenizer.encode(template.segments(continued(beginning, "0"), true));
    int different = Arrays.mismatch(one, other);
    return Arrays.copyOf(one, Math.max(different, 0));
  }

  private static ChatPrompt continued(ChatPrompt beginning, String message) {
    List<ChatMessage> messages = new ArrayList<>(beginning.messages());
    messages.add(ChatMessage.user(message));
    return beginning.toBuilder().messages(messages).build();
  }
}
