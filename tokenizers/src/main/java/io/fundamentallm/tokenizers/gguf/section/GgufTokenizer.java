package io.fundamentallm.tokenizers.gguf.section;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  /**
   * llama.cpp's LLAMA_TOKEN_NULL, which some files write as the id of a token that does not exist.
   */
  public static final long NO_TOKEN = 0xFFFFFFFFL;

  // token types, llama_token_type of llama.cpp; the numbers are SentencePiece's
  public static final int NORMAL = 1;
  public static final int UNKNOWN = 2;
  public static final int CONTROL = 3;
  public static final int USER_DEFINED = 4;
  public static final int UNUSED = 5;
  public static final int BYTE = 6;

  private static final String PREFIX = "tokenizer.";

  /** What llama.cpp's converter gives to such tokens. */
  private static final float UNUSED_SCORE = -1000;

  /** The id of a role such as {@code bos}, {@code eos}, {@code unknown}, {@code padding}, or -1. */
  public int id(String role) {
    Object id = settings.get("ggml." + role + "_token_id");
    return id instanceof Long known && known != NO_TOKEN ? Math.toIntExact(known) : -1;
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

  /**
   * The same with more tokens, none of which any text has.
   *
   * @throws IllegalArgumentException if there are more already
   */
  public GgufTokenizer sized(int size) {
    int known = tokens.size();
    if (known > size) {
      throw new IllegalArgumentException(
          "the tokenizer has " + known + " tokens, the model only " + size);
    }
    if (known == size) {
      return this;
    }
    List<String> more = new ArrayList<>(tokens);
    while (more.size() < size) {
      more.add("[PAD" + more.size() + "]");
    }
    float[] moreScores = scores == null ? null : Arrays.copyOf(scores, size);
    int[] moreTypes = new int[size];
    for (int id = 0; id < size; id++) {
      moreTypes[id] = id >= known ? UNUSED : types == null ? NORMAL : types[id];
      if (moreScores != null && id >= known) {
        moreScores[id] = UNUSED_SCORE;
      }
    }
    return new GgufTokenizer(model, pre, more, moreScores, moreTypes, merges, settings);
  }

  /** The keys. */
  public GgufWriter keys() {
    GgufWriter out = new GgufWriter();
    out.string(PREFIX + "ggml.model", model);
    if (pre != null) {
      out.string(PREFIX + "ggml.pre", pre);
    }
    out.strings(PREFIX + "ggml.tokens", tokens);
    if (scores != null) {
      out.floats(PREFIX + "ggml.scores", scores);
    }
    if (types != null) {
      out.ints(PREFIX + "ggml.token_type", types);
    }
    // llama.cpp asks for merges even where there are none
    if (!merges.isEmpty() || model.equals("gpt2")) {
      out.strings(PREFIX + "ggml.merges", merges);
    }
    byte[] charsmap = precompiledCharsmap();
    if (charsmap != null) {
      out.bytes(PREFIX + "ggml.precompiled_charsmap", charsmap);
    }
    // in a fixed order, so that equal tokenizers give equal files; other types do not matter
    new TreeMap<>(settings)
        .forEach(
            (key, value) -> {
              if (value instanceof String text) {
                out.string(PREFIX + key, text);
              } else if (value instanceof Boolean flag) {
                out.bool(PREFIX + key, flag);
              } else if (value instanceof Long number && number >>> 32 == 0) {
                out.uint32(PREFIX + key, number);
              }
            });
    return out;
  }
}
