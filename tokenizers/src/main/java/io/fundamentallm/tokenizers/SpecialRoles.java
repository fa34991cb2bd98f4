package io.fundamentallm.tokenizers;

import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which special token plays which part, by their written forms.
 *
 * @param bos begins a text
 * @param eos ends a text
 * @param pad fills up
 * @param unk stands for what cannot be represented
 */
record SpecialRoles(
    @Nullable String bos, @Nullable String eos, @Nullable String pad, @Nullable String unk) {
  static final String UNK = "<|unk|>";

  static final SpecialRoles NONE = new SpecialRoles(null, null, null, null);

  /** Written so that no ordinary text looks like them. */
  static final SpecialRoles TEXT = new SpecialRoles("<|begin|>", "<|end|>", "<|pad|>", null);

  /** The special tokens of a file. */
  static Set<String> special(TokenizerJson json) {
    Set<String> special = new LinkedHashSet<>();
    for (AddedToken token : json.added()) {
      if (token.special()) {
        special.add(token.content());
      }
    }
    return special;
  }

  /**
   * What a configuration says. Without one, the special tokens that are written as this library
   * writes them play their parts.
   */
  static SpecialRoles of(TokenizerConfig config, Set<String> special) {
    if (!config.present()) {
      return new SpecialRoles(
          known(TEXT.bos, special),
          known(TEXT.eos, special),
          known(TEXT.pad, special),
          known(UNK, special));
    }
    return new SpecialRoles(config.bos(), config.eos(), config.pad(), config.unk());
  }

  private static @Nullable String known(@Nullable String form, Set<String> special) {
    return form != null && special.contains(form) ? form : null;
  }

  SpecialRoles withUnk(@Nullable String form) {
    return new SpecialRoles(bos, eos, pad, form);
  }

  /** The written forms, each once, in the order of the components. */
  Set<String> forms() {
    List<String> forms = new ArrayList<>();
    for (@Nullable String form : new @Nullable String[] {bos, eos, pad, unk}) {
      if (form != null) {
        forms.add(form);
      }
    }
    return new LinkedHashSet<>(forms);
  }
}
