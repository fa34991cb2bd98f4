package io.fundamentallm.tokenizers.split;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pre-tokenizers of Hugging Face's format, which do what its library does. Immutable and
 * thread-safe, all of them.
 */
public final class PreTokenizers {
  private PreTokenizers() {}

  /**
   * Cuts at the matches of a pattern.
   *
   * @param invert whether matches count as gaps and gaps as matches
   */
  public static PreTokenizer split(Regex pattern, SplitBehavior behavior, boolean invert) {
    return new RegexSplit(Objects.requireNonNull(pattern, "pattern"), behavior, invert);
  }

  /** Cuts at the occurrences of a text. */
  public static PreTokenizer split(String text, SplitBehavior behavior, boolean invert) {
    return new RegexSplit(Regex.literal(text), behavior, invert);
  }

  /** Drops white space and sets each punctuation character apart. */
  public static PreTokenizer bert() {
    return BertSplit.INSTANCE;
  }

  /**
   * For byte-level models.
   *
   * @param addPrefixSpace whether a piece that does not begin with a space gets one
   * @param pattern cuts afterwards, GPT-2's pattern where {@code use_regex} is set; or null
   */
  public static PreTokenizer byteLevel(boolean addPrefixSpace, @Nullable PreTokenizer pattern) {
    return new ByteLevelSplit(addPrefixSpace, pattern);
  }

  /** Cuts at a character and drops it. */
  public static PreTokenizer charDelimiter(int codePoint) {
    return new CharSplit(CodePoints.of(codePoint), SplitBehavior.REMOVED);
  }

  /** Sets numbers apart, or each of their digits; all of category N are digits. */
  public static PreTokenizer digits(boolean individual) {
    return new CharSplit(
        CharProperties.numeric(), individual ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS);
  }

  /**
   * Writes a character for each space and before pieces, and cuts before each.
   *
   * @param replacement {@code ▁}, U+2581, in SentencePiece
   * @param split whether it cuts; it rewrites in any case
   */
  public static PreTokenizer metaspace(int replacement, PrependScheme scheme, boolean split) {
    return new MetaspaceSplit(replacement, Objects.requireNonNull(scheme, "scheme"), split);
  }

  /** Cuts at each punctuation character. */
  public static PreTokenizer punctuation(SplitBehavior behavior) {
    return new CharSplit(BertSplit.punctuation(), behavior);
  }

  /** One after the other. */
  public static PreTokenizer sequence(List<PreTokenizer> steps) {
    return new SequenceSplit(steps);
  }

  /** Cuts where the script changes. */
  public static PreTokenizer unicodeScripts() {
    return ScriptSplit.INSTANCE;
  }

  /** Words, and what is neither word nor white space: {@code \w+|[^\w\s]+}. */
  public static PreTokenizer whitespace() {
    return new WordSplit();
  }

  /** Cuts at white space and drops it. */
  public static PreTokenizer whitespaceSplit() {
    return new CharSplit(CharProperties.space(), SplitBehavior.REMOVED, true);
  }

  /**
   * Pieces of so many characters.
   *
   * @throws IllegalArgumentException for less than one
   */
  public static PreTokenizer fixedLength(int length) {
    return new FixedLengthSplit(length);
  }
}
