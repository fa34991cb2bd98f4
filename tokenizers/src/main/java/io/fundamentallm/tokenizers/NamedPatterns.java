package io.fundamentallm.tokenizers;

import com.google.common.collect.ImmutableMap;
import io.fundamentallm.spi.Options;
import io.fundamentallm.tokenizers.split.Regex;
import io.fundamentallm.tokenizers.split.Scanners;

/**
 * Published patterns that cut text into words, as in the tokenizer.json of their models. The one
 * for cl100k is the one that Llama 3 adopted.
 */
final class NamedPatterns {
  /** In the order in which messages list them. */
  static final ImmutableMap<String, String> BY_NAME =
      ImmutableMap.of(
          "gpt2", Scanners.GPT2_PATTERN,
          "cl100k", Scanners.LLAMA3_PATTERN,
          "o200k", Scanners.O200K_PATTERN,
          "llama3", Scanners.LLAMA3_PATTERN,
          "qwen2", Scanners.QWEN2_PATTERN);

  private NamedPatterns() {}

  /** The pattern that an option names or spells out. */
  static String of(Options options, String option, String defaultValue) {
    String given = options.text(option, defaultValue);
    String named = BY_NAME.get(given);
    if (named != null) {
      return named;
    }
    String accepted = "one of " + String.join(", ", BY_NAME.keySet()) + ", or a regular expression";
    if (given.matches("[A-Za-z0-9-]*")) {
      throw options.bad(option, given, accepted); // a misspelt name, which matches next to nothing
    }
    try {
      Regex.compile(given);
    } catch (IllegalArgumentException e) {
      throw options.bad(option, given, accepted + ": " + e.getMessage());
    }
    return given;
  }
}
