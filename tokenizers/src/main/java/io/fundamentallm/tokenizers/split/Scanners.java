package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/** Published patterns that are code here, by their text. */
public final class Scanners {
  /** GPT-2, r50k and p50k. */
  public static final PreTokenizer GPT2 = new Gpt2Scanner();

  /** cl100k. */
  public static final PreTokenizer CL100K = new Cl100kScanner(3, true);

  /** o200k. */
  public static final PreTokenizer O200K = new O200kScanner();

  private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** The pattern of GPT-2's tokenizer. */
  public static final String GPT2_PATTERN =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /** The pattern of Llama 3's, and of cl100k as a tokenizer.json has it. */
  public static final String LLAMA3_PATTERN = WORDS + "\\p{N}{1,3}" + REST;

  /** The pattern of Qwen 2's. */
  public static final String QWEN2_PATTERN = WORDS + "\\p{N}" + REST;

  /** The pattern of o200k. */
  public static final String O200K_PATTERN =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}"
          + "\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** DeepSeek 3's patterns, one after the other. */
  public static final ImmutableList<String> DEEPSEEK_PATTERNS =
      ImmutableList.of(
          "\\p{N}{1,3}",
          "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?"
              + "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+");

  private static final ImmutableMap<ImmutableList<String>, PreTokenizer> PATTERNS =
      ImmutableMap.of(
          ImmutableList.of(GPT2_PATTERN),
          GPT2,
          ImmutableList.of(
              "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
          GPT2,
          ImmutableList.of(LLAMA3_PATTERN),
          new Cl100kScanner(3, false),
          ImmutableList.of(QWEN2_PATTERN),
          new Cl100kScanner(1, false),
          ImmutableList.of(
              "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]"
                  + "++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"),
          CL100K,
          ImmutableList.of(O200K_PATTERN),
          O200K,
          DEEPSEEK_PATTERNS,
          new DeepSeekScanner());

  private Scanners() {}

  /** The scanner of patterns, each applied to the matches and the gaps of the one before. */
  public static Optional<PreTokenizer> of(String... patterns) {
    return Optional.ofNullable(PATTERNS.get(ImmutableList.copyOf(patterns)));
  }
}
