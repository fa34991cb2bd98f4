package io.fundamentallm.tokenizers.gguf;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer section of a GGUF file: its keys under {@code tokenizer.}. The arrays are shared,
 * not copied: read only.
 *
 * @param model the kind: {@code llama} (SentencePiece BPE), {@code gpt2} (byte-level BPE), {@code
 *     bert} (WordPiece), {@code t5} (SentencePiece unigram), or another
 * @param pre what cuts the text before a {@code gpt2} model, or null
 * @param tokens by id, as llama.cpp writes them
 * @param scores by id, or null
 * @param types by id, the numbers of SentencePiece's piece types, or null
 * @param merges pairs with a space between, the best first; empty if the file has none
 * @param settings all other keys without {@code tokenizer.}, such as {@code ggml.bos_token_id},
 *     {@code ggml.add_bos_token} and {@code chat_template}: a Long, Double, Boolean, String or, for
 *     an array of numbers, a double[]; other arrays are left out
 */
public record GgufTokenizer(
    String model,
    @Nullable String pre,
    List<String> tokens,
    float @Nullable [] scores,
    int @Nullable [] types,
    List<String> merges,
    Map<String, Object> settings) {

  /** The id of a role such as {@code bos}, {@code eos}, {@code unknown}, {@code padding}, or -1. */
  public int id(String role) {
    Object id = settings.get("ggml." + role + "_token_id");
    return id instanceof Long known && known != GgufReader.NO_TOKEN ? Math.toIntExact(known) : -1;
  }

  /** A switch such as {@code add_bos_token}, or null if the file does not say. */
  public @Nullable Boolean flag(String name) {
    return settings.get("ggml." + name) instanceof Boolean flag ? flag : null;
  }

  /** The chat template, or null. */
  public @Nullable String chatTemplate() {
    return settings.get("chat_template") instanceof String template ? template : null;
  }

  /** SentencePiece's replacements, or null. */
  public byte @Nullable [] precompiledCharsmap() {
    if (!(settings.get("ggml.precompiled_charsmap") instanceof double[] values)) {
      return null;
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
