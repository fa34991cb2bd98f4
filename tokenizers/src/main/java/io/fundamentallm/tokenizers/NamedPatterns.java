package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.tokenizers.split.Regex;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Published patterns that cut text into words, as the tokenizer.json of their models has them. That
 * of cl100k is there the one that Llama 3 took over.
 */
final class NamedPatterns {
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";

  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String LLAMA3 = WORDS + "\\p{N}{1,3}" + REST;

  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}"
          + "\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** In the order in which messages list them. */
  static final Map<String, String> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("gpt2", GPT2);
    BY_NAME.put("cl100k", LLAMA3);
    BY_NAME.put("o200k", O200K);
    BY_NAME.put("llama3", LLAMA3);
    BY_NAME.put("qwen2", WORDS + "\\p{N}" + REST);
  }

  private NamedPatterns() {}

  /** The pattern that an option names or is. */
  static String of(Options options, String option, String usual) {
    String given = options.text(option, usual);
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
