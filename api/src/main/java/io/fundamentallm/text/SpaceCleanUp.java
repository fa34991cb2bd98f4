package io.fundamentallm.text;

import io.fundamentallm.internal.buffers.LongHistory;
import java.util.List;

/**
 * Removes spaces before punctuation and in English contractions. Makes the same replacements in the
 * same order as clean_up_tokenization in Hugging Face transformers, tokenization_utils_base.py.
 */
final class SpaceCleanUp implements TextLayer {
  /** Each begins with a space, and no proper prefix of one has a second space. */
  private static final List<String> PATTERNS =
      List.of(" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're");

  private static final List<String> REPLACEMENTS = PATTERNS.stream().map(String::strip).toList();

  private static final int BITS = 4;

  /** How many characters of each pattern are held back, 4 bits each. */
  private final LongHistory history;

  SpaceCleanUp() {
    this(new LongHistory(0));
  }

  private SpaceCleanUp(LongHistory history) {
    this.history = history;
  }

  @Override
  public String append(String piece) {
    long before = history.last();
    long after = 0;
    String text = piece;
    for (int i = 0; i < PATTERNS.size(); i++) {
      StringBuilder replaced = new StringBuilder();
      int held = replace(i, held(before, i), text, replaced);
      after |= (long) held << (BITS * i);
      text = replaced.toString();
    }
    history.add(after);
    return text;
  }

  @Override
  public String finish(String last) {
    String text = last;
    for (int i = 0; i < PATTERNS.size(); i++) {
      StringBuilder replaced = new StringBuilder();
      int held = replace(i, held(history.last(), i), text, replaced);
      text = replaced.append(PATTERNS.get(i), 0, held).toString();
    }
    return text;
  }

  private static int held(long state, int pattern) {
    return (int) (state >>> (BITS * pattern)) & ((1 << BITS) - 1);
  }

  /**
   * Replaces one pattern in a piece of text, given how many of the pattern's characters were held
   * back before.
   */
  private static int replace(int index, int heldBefore, String text, StringBuilder into) {
    String pattern = PATTERNS.get(index);
    int held = heldBefore;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == pattern.charAt(held)) {
        if (++held == pattern.length()) {
          into.append(REPLACEMENTS.get(index));
          held = 0;
        }
      } else {
        into.append(pattern, 0, held);
        held = c == ' ' ? 1 : 0;
        if (held == 0) {
          into.append(c);
        }
      }
    }
    return held;
  }

  @Override
  public TextLayer fork() {
    return new SpaceCleanUp(history.fork());
  }

  @Override
  public void rollback(int tokens) {
    history.rollback(tokens);
  }
}
