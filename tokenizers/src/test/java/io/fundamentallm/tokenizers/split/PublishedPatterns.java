package io.fundamentallm.tokenizers.split;

import java.util.LinkedHashMap;
import java.util.Map;

/** The patterns of published tokenizers, as their files have them. */
final class PublishedPatterns {
  /** GPT-2, r50k and p50k: openai/tiktoken, tiktoken_ext/openai_public.py, before it was tuned. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /** The same, tuned, for Rust. */
  static final String R50K =
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s";

  /** cl100k, before it was tuned. */
  static final String CL100K =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** The same, tuned, for Rust. */
  static final String CL100K_RUST =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+|"
          + " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";

  static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
          + "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
          + "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static final String LLAMA3 = CL100K;

  static final String QWEN =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static final String DEEPSEEK_NUMBERS = "\\p{N}{1,3}";
  static final String DEEPSEEK_CJK = "[一-龥\u3040-ゟ゠-ヿ]+";
  static final String DEEPSEEK_REST =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?"
          + "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

  private PublishedPatterns() {}

  /** All of them by name. */
  static Map<String, Regex> compiled() {
    Map<String, Regex> all = new LinkedHashMap<>();
    all.put("gpt2", Regex.compile(GPT2));
    all.put("r50k", Regex.compile(R50K, Regex.Dialect.RUST));
    all.put("cl100k", Regex.compile(CL100K));
    all.put("cl100k_rust", Regex.compile(CL100K_RUST, Regex.Dialect.RUST));
    all.put("o200k", Regex.compile(O200K, Regex.Dialect.RUST));
    all.put("qwen", Regex.compile(QWEN));
    all.put("deepseek_numbers", Regex.compile(DEEPSEEK_NUMBERS));
    all.put("deepseek_cjk", Regex.compile(DEEPSEEK_CJK));
    all.put("deepseek_rest", Regex.compile(DEEPSEEK_REST));
    return all;
  }
}
