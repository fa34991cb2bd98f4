package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.spi.Options;

/**
 * The different tokens of a stretch of the history, each with how often it occurs there. One thread
 * at a time; reused from token to token.
 */
final class Occurrences {
  /**
   * Which part of the history counts.
   *
   * @param tokens at most this many of the last
   * @param prompt whether the prompt counts
   * @param generated whether the generated text counts
   */
  record Window(int tokens, boolean prompt, boolean generated) {
    /** The prompt alone. */
    static final Window PROMPT = new Window(Integer.MAX_VALUE, true, false);

    Window(int tokens, boolean prompt) {
      this(tokens, prompt, true);
    }

    /** Reads the options {@code window} and {@code prompt}. */
    static Window of(Options options, boolean prompt) {
      return new Window(
          options.integer("window", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
          options.flag("prompt", prompt));
    }

    /** The position of its first token. */
    int start(History history) {
      int end = end(history);
      return Math.max(prompt ? 0 : history.promptLength(), end - Math.min(tokens, end));
    }

    /** The position after its last token. */
    int end(History history) {
      return generated ? history.length() : history.promptLength();
    }
  }

  private final Window window;
  private int[] counts = {};
  private int[] distinct = {};
  private int size;

  Occurrences(Window window) {
    this.window = window;
  }

  /** Counts anew; skips tokens that the model lacks. */
  void of(Step step) {
    int vocabularySize = step.logits().vocabularySize();
    if (counts.length == 0) {
      counts = new int[vocabularySize];
      distinct = new int[vocabularySize];
    }
    for (int i = 0; i < size; i++) {
      counts[distinct[i]] = 0;
    }
    size = 0;
    History history = step.history();
    int end = window.end(history);
    for (int i = window.start(history); i < end; i++) {
      int token = history.token(i);
      if (token < vocabularySize && counts[token]++ == 0) {
        distinct[size++] = token;
      }
    }
  }

  /** How many different tokens there are. */
  int size() {
    return size;
  }

  /** One of them. */
  int token(int index) {
    return distinct[index];
  }

  /** How often it occurs. */
  int count(int index) {
    return counts[distinct[index]];
  }
}
