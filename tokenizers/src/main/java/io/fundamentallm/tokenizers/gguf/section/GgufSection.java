package io.fundamentallm.tokenizers.gguf.section;

import com.google.common.collect.ImmutableList;
import io.fundamentallm.text.Vocabulary;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a GGUF file says of a tokenizer that came from another kind of file. Ids that get
 * no token are unused ones. One thread at a time.
 */
public final class GgufSection {
  private final String model;
  private final String[] tokens;
  private final int[] types;
  private final float @Nullable [] scores;
  private final Map<String, Object> settings = new HashMap<>();
  private @Nullable String pre;
  private List<String> merges = ImmutableList.of();

  /**
   * An empty one.
   *
   * @param model {@code tokenizer.ggml.model}
   * @param size how many ids there are
   * @param scored whether tokens have scores
   */
  public GgufSection(String model, int size, boolean scored) {
    this.model = model;
    tokens = new String[size];
    types = new int[size];
    Arrays.fill(types, GgufTokenizer.UNUSED);
    scores = scored ? new float[size] : null;
    for (int id = 0; id < size; id++) {
      tokens[id] = "[PAD" + id + "]";
    }
  }

  /** Names a token. */
  public void token(int id, String form, int type) {
    tokens[id] = form;
    types[id] = type;
  }

  /** Sets a token's score. */
  public void score(int id, float score) {
    if (scores != null) {
      scores[id] = score;
    }
  }

  /** Names what cuts a text before a byte-level model. */
  public void pre(String name) {
    pre = name;
  }

  /** Sets the merges, pairs with a space between. */
  public void merges(List<String> pairs) {
    merges = ImmutableList.copyOf(pairs);
  }

  /** Sets a switch, such as {@code add_bos_token}. */
  public void set(String name, boolean value) {
    settings.put("ggml." + name, value);
  }

  /** Sets SentencePiece's replacements, the bytes of its {@code precompiled_charsmap}. */
  public void replacements(byte[] blob) {
    double[] values = new double[blob.length];
    for (int i = 0; i < blob.length; i++) {
      values[i] = blob[i] & 0xFF;
    }
    settings.put("ggml.precompiled_charsmap", values);
  }

  /** Sets the tokens that have roles. */
  public void roles(Vocabulary vocabulary) {
    role("bos", vocabulary.bos());
    role("eos", vocabulary.eos());
    role("padding", vocabulary.pad());
    role("unknown", vocabulary.unk());
  }

  private void role(String name, OptionalInt id) {
    id.ifPresent(token -> settings.put("ggml." + name + "_token_id", (long) token));
  }

  /** Sets the template of conversations; null for none. */
  public void chatTemplate(@Nullable String template) {
    if (template != null) {
      settings.put("chat_template", template);
    }
  }

  /** What was collected. */
  public GgufTokenizer build() {
    return new GgufTokenizer(model, pre, List.of(tokens), scores, types, merges, settings);
  }
}
