package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options shared by all kinds that learn a vocabulary. */
final class LearningOptions {
  /** The most tokens that a tokenizer.json may have here. */
  static final int MAX_TOKENS = 1 << 21;

  /** Begin, end and padding, written so that no ordinary text looks like them. */
  static final List<String> SPECIAL = List.of("<|begin|>", "<|end|>", "<|pad|>");

  private LearningOptions() {}

  /** How many tokens to learn. */
  static int vocabSize(Options options, int defaultValue) {
    return options.integer("vocab-size", defaultValue, 1, MAX_TOKENS);
  }

  /**
   * The special tokens in the order of their ids, each once.
   *
   * @param defaultValue the default
   * @param unknown comes first if it is not among them; null for none
   */
  static List<String> special(
      Options options, Collection<String> defaultValue, @Nullable String unknown) {
    Set<String> special = new LinkedHashSet<>();
    boolean any = options.flag("special", true);
    if (options.has("special-tokens")) {
      String list = options.text("special-tokens");
      if (!any) {
        throw options.bad("special", "false", "of use beside special-tokens");
      }
      for (String token : list.split(",", -1)) {
        if (!special.add(token.strip()) || token.isBlank()) {
          throw options.bad("special-tokens", list, "a list of different tokens, split by commas");
        }
      }
    } else if (any) {
      special.addAll(defaultValue);
    }
    List<String> all = new ArrayList<>(special);
    if (unknown != null && !special.contains(unknown)) {
      all.add(0, unknown);
    }
    return all;
  }

  /** A written form that is not empty. */
  static String form(Options options, String option, String defaultValue) {
    String form = options.text(option, defaultValue);
    if (form.isEmpty()) {
      throw options.bad(option, form, "a token");
    }
    return form;
  }

  /** The most characters of an alphabet; -1 for no limit. */
  static int limitAlphabet(Options options) {
    return options.integer("limit-alphabet", -1, 0, Integer.MAX_VALUE);
  }
}
