package io.fundamentallm.tokenizers.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The normalizers of Hugging Face's tokenizers (tokenizers/src/normalizers), with the same results
 * and the same sources.
 */
public final class Normalizers {
  private static final Normalizer NFC = new NormalizationForm(true, false);
  private static final Normalizer NFD = new NormalizationForm(false, false);
  private static final Normalizer NFKC = new NormalizationForm(true, true);
  private static final Normalizer NFKD = new NormalizationForm(false, true);
  private static final Normalizer LOWERCASE = new Lowercase();
  private static final Normalizer STRIP_ACCENTS = new StripAccents();
  private static final Normalizer NMT = new Nmt();

  private Normalizers() {}

  /** Unicode's canonical composition. */
  public static Normalizer nfc() {
    return NFC;
  }

  /** Unicode's canonical decomposition. */
  public static Normalizer nfd() {
    return NFD;
  }

  /** Unicode's compatibility composition. */
  public static Normalizer nfkc() {
    return NFKC;
  }

  /** Unicode's compatibility decomposition. */
  public static Normalizer nfkd() {
    return NFKD;
  }

  /** Lowercase, each character by itself. */
  public static Normalizer lowercase() {
    return LOWERCASE;
  }

  /** Leaves out white space at the ends. */
  public static Normalizer strip(boolean left, boolean right) {
    return new Strip(left, right);
  }

  /** Leaves out marks, of whatever kind. */
  public static Normalizer stripAccents() {
    return STRIP_ACCENTS;
  }

  /** The cleaning of Google's neural machine translation: control characters and odd spaces. */
  public static Normalizer nmt() {
    return NMT;
  }

  /** Writes other text instead of each occurrence of a text. */
  public static Normalizer replace(String pattern, String content) {
    boolean one = pattern.codePointCount(0, pattern.length()) == 1;
    return new Replace(new LiteralMatcher(pattern), content, one);
  }

  /** Writes other text instead of each match of a pattern; a {@code $1} in it means itself. */
  public static Normalizer replace(ByteMatcher pattern, String content) {
    return new Replace(pattern, content, false);
  }

  /** Writes something before a text that is not empty. */
  public static Normalizer prepend(String prefix) {
    return new Prepend(prefix);
  }

  /** One after the other. */
  public static Normalizer sequence(List<Normalizer> normalizers) {
    return normalizers.size() == 1 ? normalizers.get(0) : new Sequence(normalizers);
  }

  /**
   * BERT's.
   *
   * @param cleanText drop control characters, and make every white space a space
   * @param handleChineseChars put spaces around CJK ideographs
   * @param stripAccents decompose and leave out nonspacing marks; null: where it lowercases
   */
  public static Normalizer bert(
      boolean cleanText,
      boolean handleChineseChars,
      @Nullable Boolean stripAccents,
      boolean lowercase) {
    boolean strip = stripAccents == null ? lowercase : stripAccents;
    return new BertNormalizer(cleanText, handleChineseChars, strip, lowercase);
  }
}
