package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.ByteMatcher;
import io.fundamentallm.tokenizers.text.ScratchPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A regular expression over UTF-8, as pre-tokenizers use them: with the results of Oniguruma
 * (Hugging Face) or Rust's fancy-regex (tiktoken) for the same pattern, with this library's tables
 * of Unicode and in bounded time. Without captures, back-references, conditionals, calls and
 * look-behinds of many lengths. Immutable and thread-safe.
 */
public final class Regex implements ByteMatcher {
  /** Whose syntax a pattern has. They look alike and differ in small things. */
  public enum Dialect {
    /**
     * Oniguruma: {@code ^} and {@code $} are for lines, {@code (?m)} lets the dot match a newline,
     * {@code {n,m}+} repeats {@code {n,m}}, {@code \h} is a hexadecimal digit, POSIX classes are
     * Unicode's.
     */
    ONIGURUMA,
    /**
     * Rust: {@code ^} and {@code $} are for the text unless {@code (?m)}, {@code (?s)} lets the dot
     * match a newline, {@code {n,m}+} is possessive, POSIX classes are ASCII.
     */
    RUST
  }

  private static final ScratchPool<RegexMatcher> MATCHERS = new ScratchPool<>(RegexMatcher::new);

  private final String pattern;
  private final RegexProgram program;

  private Regex(String pattern, Dialect dialect, RegexNode node) {
    this.pattern = pattern;
    program = RegexCompiler.compile(pattern, dialect, node);
  }

  /**
   * Compiles a pattern in Oniguruma's syntax, which {@code tokenizer.json} uses.
   *
   * @throws IllegalArgumentException says what is wrong or unsupported, and where
   */
  public static Regex compile(String pattern) {
    return compile(pattern, Dialect.ONIGURUMA);
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException says what is wrong or unsupported, and where
   */
  public static Regex compile(String pattern, Dialect dialect) {
    return new Regex(pattern, dialect, new SplitPatternParser(pattern, dialect).parse());
  }

  /** A pattern that matches just this text. */
  public static Regex literal(String text) {
    List<RegexNode> characters = new ArrayList<>();
    text.codePoints().forEach(c -> characters.add(new RegexNode.Chars(CodePoints.of(c))));
    return new Regex(text, Dialect.ONIGURUMA, new RegexNode.Sequence(characters));
  }

  /** The pattern. */
  public String pattern() {
    return pattern;
  }

  RegexProgram program() {
    return program;
  }

  /** Takes a matcher for this thread, usable with any pattern. */
  static RegexMatcher matcher() {
    return MATCHERS.acquire();
  }

  /** Gives a matcher back. */
  static void release(RegexMatcher matcher) {
    matcher.finish();
    MATCHERS.release(matcher);
  }

  /**
   * Finds the first match from a position on.
   *
   * @param begin where the text begins for anchors and look-behinds
   * @param end where it ends
   * @param match takes the start and the end
   * @throws IllegalStateException if it takes too many steps
   */
  public boolean find(byte[] text, int from, int begin, int end, int[] match) {
    Objects.checkFromToIndex(begin, end, text.length);
    Objects.checkFromToIndex(begin, from, end);
    RegexMatcher matcher = matcher();
    matcher.begin(this, text, begin, end);
    boolean found = matcher.find(from, match);
    release(matcher);
    return found;
  }

  @Override
  public boolean find(byte[] text, int from, int to, int[] match) {
    return find(text, from, 0, to, match);
  }

  @Override
  public String toString() {
    return pattern;
  }
}
