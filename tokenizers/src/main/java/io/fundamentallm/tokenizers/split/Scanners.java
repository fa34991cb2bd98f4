package io.fundamentallm.tokenizers.split;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Published patterns that are code here, by their text. */
public final class Scanners {
  /** GPT-2, r50k and p50k. */
  public static final PreTokenizer GPT2 = new Gpt2Scanner();

  /** cl100k. */
  public static final PreTokenizer CL100K = new Cl100kScanner(3, true);

  /** o200k. */
  public static final PreTokenizer O200K = new O200kScanner();

  private static final PreTokenizer LLAMA3 = new Cl100kScanner(3, false);
  private static final PreTokenizer QWEN2 = new Cl100kScanner(1, false);

  private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Map<String, PreTokenizer> PATTERNS =
      Map.of(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          GPT2,
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          GPT2,
          WORDS + "\\p{N}{1,3}" + REST,
          LLAMA3,
          WORDS + "\\p{N}" + REST,
          QWEN2,
          "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++"
              + "[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
          CL100K,
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}"
              + "\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          O200K);

  private static final PreTokenizer DEEPSEEK = new DeepSeekScanner();

  private static final String[] DEEPSEEK_PATTERNS = {
    "\\p{N}{1,3}",
    "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
        + " ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
  };

  private Scanners() {}

  /** The scanner of a pattern whose matches are the pieces. */
  public static Optional<PreTokenizer> of(String pattern) {
    @Nullable PreTokenizer scanner = PATTERNS.get(pattern);
    return Optional.ofNullable(scanner);
  }

  /** The scanner of several patterns, each applied to what the one before leaves and matches. */
  public static Optional<PreTokenizer> of(String... patterns) {
    if (patterns.length == 1) {
      return of(patterns[0]);
    }
    return java.util.Arrays.equals(patterns, DEEPSEEK_PATTERNS)
        ? Optional.of(DEEPSEEK)
        : Optional.empty();
  }
}
