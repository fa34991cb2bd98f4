package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.internal.numerics.Exp;

/** The rule of {@link Dry}; a function of the history, with reused memory. */
final class DryPenalty implements LogitsProcessor {
  private final double multiplier;
  private final double base;
  private final int allowedLength;
  private final int window;
  private final DryBreakers breakers;

  /** [back] how many tokens before that place equal those before the end. */
  private int[] runs = {};

  private int[] longest = {};
  private int[] continuing = {};

  DryPenalty(double multiplier, double base, int allowedLength, int window, DryBreakers breakers) {
    this.multiplier = multiplier;
    this.base = base;
    this.allowedLength = allowedLength;
    this.window = window;
    this.breakers = breakers;
  }

  @Override
  public void process(Step step) {
    History history = step.history();
    int length = Math.min(window, history.length());
    if (multiplier == 0 || length <= allowedLength) {
      return;
    }
    int limit = breakers.afterLast(history, length);
    if (limit < allowedLength) {
      return;
    }
    findRuns(history, length);
    if (longest.length == 0) {
      longest = new int[step.logits().vocabularySize()];
      continuing = new int[step.logits().vocabularySize()];
    }
    int n = 0;
    for (int back = 1; back < length; back++) {
      int run = Math.min(runs[back], limit);
      int token = history.token(history.length() - back);
      if (run >= allowedLength && token < longest.length) {
        if (longest[token] == 0) {
          continuing[n++] = token;
        }
        longest[token] = Math.max(longest[token], run);
      }
    }
    for (int i = 0; i < n; i++) {
      int token = continuing[i];
      penalise(step.logits(), token, longest[token]);
      longest[token] = 0;
    }
  }

  /** Gusfield's Z algorithm, read from the end: linear in the window. */
  private void findRuns(History history, int length) {
    if (runs.length < length) {
      runs = new int[length + (length >> 1) + 64];
    }
    int last = history.length() - 1;
    int left = 0;
    int right = 0; // just past the box
    for (int back = 1; back < length; back++) {
      int run = back < right ? Math.min(runs[back - left], right - back) : 0;
      while (back + run < length && history.token(last - run) == history.token(last - back - run)) {
        run++;
      }
      runs[back] = run;
      if (back + run > right) {
        left = back;
        right = back + run;
      }
    }
  }

  private void penalise(Logits logits, int token, int run) {
    int index = logits.indexOf(token);
    if (index < 0 || logits.score(index) == Float.NEGATIVE_INFINITY || breakers.isBreaker(token)) {
      return;
    }
    double penalty = multiplier * Exp.pow(base, run - allowedLength);
    // llama.cpp also stops at the largest float: a finite score must stay finite
    logits.setScore(index, (float) Math.max(-Float.MAX_VALUE, logits.score(index) - penalty));
  }
}
