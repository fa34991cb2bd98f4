package io.fundamentallm.tokenizers.gguf.section;

import static io.fundamentallm.tokenizers.split.Scanners.DEEPSEEK_PATTERNS;
import static io.fundamentallm.tokenizers.split.Scanners.GPT2_PATTERN;
import static io.fundamentallm.tokenizers.split.Scanners.LLAMA3_PATTERN;
import static io.fundamentallm.tokenizers.split.Scanners.O200K_PATTERN;
import static io.fundamentallm.tokenizers.split.Scanners.QWEN2_PATTERN;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What cuts the text before a byte-level BPE model, by the name in {@code tokenizer.ggml.pre}.
 * Names and patterns are those of llama.cpp's llama-vocab.cpp; where that file says that it adapted
 * a pattern of the model's tokenizer.json to what it can run, this has the original.
 *
 * @param patterns each is applied to both the matches and the gaps of the one before
 * @param nfc whether the text is normalized first; llama.cpp omits that, these models do not
 * @param wholeWords whether a piece that is a token stays that token, regardless of the merges
 * @param addBos whether a text gets a beginning token if the file does not say
 */
public record GgufPatterns(List<String> patterns, boolean nfc, boolean wholeWords, boolean addBos) {
  private static final String TEKKEN =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}"
          + "\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm"
          + "}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|"
          + "\\s+";

  private static final String DEEPSEEK_LETTERS =
      "\\s?[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293"
          + "\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C"
          + "\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5"
          + "\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77"
          + "\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57"
          + "\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6"
          + "-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102"
          + "\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134"
          + "\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB"
          + "-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-"
          + "\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A"
          + "\uD801\uDC00-\uD801\uDC4F\uD801\uDCB0-\uD801\uDCD3\uD801\uDCD8-\uD801\uDCFB"
          + "\uD803\uDC80-\uD803\uDCB2\uD803\uDCC0-\uD803\uDCF2\uD806\uDCA0-\uD806\uDCDF"
          + "\uD83A\uDD00-\uD83A\uDD43]+";

  private static final String DEEPSEEK_PUNCTUATION =
      "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";

  private static final String CJK = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";

  private static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";

  private static final String BAILING =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++"
          + "[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

  private static final String SEED =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}"
          + "\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String MARKS = "[\\p{P}\\$\\+<=>\\^~\\|]+";

  private static final String FALCON = "[\\p{P}\\$\\+<=>\\^~\\|`]+";

  private static final String DIGIT = "\\p{N}";

  /** In the order in which messages list them. */
  private static final ImmutableMap<String, GgufPatterns> BY_NAME =
      ImmutableMap.<String, GgufPatterns>builder()
          .putAll(all("default", plain(MARKS, GPT2_PATTERN, DIGIT + "+", "[0-9][0-9][0-9]")))
          .putAll(
              all(
                  "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2",
                  new GgufPatterns(List.of(LLAMA3_PATTERN), false, true, true)))
          .putAll(all("dbrx smaug-bpe glm4 chatglm-bpe", plain(LLAMA3_PATTERN)))
          .putAll(
              all(
                  "deepseek-llm",
                  plain(
                      "[\r\n]", DEEPSEEK_LETTERS, DEEPSEEK_PUNCTUATION, "\\s+$", CJK, DIGIT + "+")))
          .putAll(all("deepseek-coder", plain("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK, DIGIT)))
          .putAll(
              all(
                  "deepseek-v3 hunyuan-dense",
                  new GgufPatterns(DEEPSEEK_PATTERNS, false, false, false)))
          .putAll(all("falcon", plain(FALCON, GPT2_PATTERN, "[0-9][0-9][0-9]")))
          .putAll(
              all(
                  "starcoder refact command-r smollm codeshell exaone minerva-7b",
                  plain(DIGIT, GPT2_PATTERN)))
          .putAll(
              all(
                  "gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum"
                      + " jina-v1-en jina-v2-code roberta-bpe exaone4 mpt olmo jais trillion"
                      + " granite-docling",
                  plain(GPT2_PATTERN)))
          .putAll(
              all(
                  "qwen2 deepseek-r1-qwen",
                  new GgufPatterns(List.of(QWEN2_PATTERN), true, false, false)))
          .putAll(all("stablelm2 hunyuan kormo megrez grok-2", plain(QWEN2_PATTERN)))
          .putAll(all("poro-chat bloom gpt3-finnish", plain(BLOOM)))
          .putAll(all("viking", plain(BLOOM, DIGIT)))
          .putAll(all("tekken", new GgufPatterns(List.of(TEKKEN), false, true, true)))
          .putAll(all("gpt-4o llama4 minimax-m2", plain(O200K_PATTERN)))
          .putAll(all("bailingmoe bailingmoe2 llada-moe", plain(BAILING)))
          .putAll(all("seed-coder", plain(SEED)))
          .buildOrThrow();

  /** What a name stands for, or null. */
  public static @Nullable GgufPatterns of(String name) {
    return BY_NAME.get(name);
  }

  /** All names. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  private static Map<String, GgufPatterns> all(String names, GgufPatterns patterns) {
    return Maps.toMap(Splitter.on(' ').split(names), name -> patterns);
  }

  private static GgufPatterns plain(String... patterns) {
    return new GgufPatterns(List.of(patterns), false, false, false);
  }
}
