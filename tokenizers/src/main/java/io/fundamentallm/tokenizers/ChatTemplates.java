package io.fundamentallm.tokenizers;

import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The chat templates of published models, in the language of Jinja, for tokenizers of plugins: what
 * {@link io.fundamentallm.text.Tokenizer#chatTemplate()} gives. The tokenizers of this module have
 * them by themselves.
 *
 * <p>A template renders the same text as {@code apply_chat_template} of Hugging Face's
 * transformers. It is an untrusted program: it sees no Java object, and its cost and its output are
 * bounded. It is parsed when it first renders, and a fault in it is an {@link
 * IllegalArgumentException} then. Templates are thread-safe.
 */
public final class ChatTemplates {
  private ChatTemplates() {}

  /**
   * Reads the template in a model directory: {@code chat_template.jinja}, or what {@code
   * tokenizer_config.json} has under {@code chat_template}. That file also names the special tokens
   * which the template may use.
   *
   * @return empty if there is none
   * @throws IOException if a file cannot be read, is larger than a million bytes or not well-formed
   */
  public static Optional<ChatTemplate> in(Path directory) throws IOException {
    return TokenizerConfig.in(directory).template();
  }

  /**
   * The same, for a tokenizer that knows its special tokens itself: those that the files do not
   * name are the vocabulary's, in their written form.
   *
   * @return empty if there is none
   * @throws IOException if a file cannot be read, is larger than a million bytes or not well-formed
   */
  public static Optional<ChatTemplate> in(Path directory, Vocabulary vocabulary)
      throws IOException {
    return TokenizerConfig.in(directory).withRoles(vocabulary).template();
  }

  /**
   * A template.
   *
   * @param template its text
   * @param specialTokens by the names that templates use: {@code bos_token}, {@code eos_token},
   *     {@code pad_token} and {@code unk_token}, without those that the model lacks
   * @throws IllegalArgumentException for a template of more than a million characters
   */
  public static ChatTemplate jinja(String template, Map<String, String> specialTokens) {
    return new JinjaChatTemplate(template, specialTokens);
  }
}
