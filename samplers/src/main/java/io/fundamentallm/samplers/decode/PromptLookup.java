package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Cancellation;
import java.util.ArrayList;
import java.util.List;

/**
 * Guesses that the text continues as it did when its last tokens appeared before: prompt lookup
 * decoding (Apoorv Saxena, 2023). The longest n-gram that ends the text and also ended earlier in
 * it decides, from the largest n down to the smallest; it may overlap itself. What followed there,
 * up to the text's end, is the guess. Chained, only one token of it is, after which the text with
 * that token is looked up again, in the same text. A guess is not a draw: it has no distributions.
 */
final class PromptLookup implements DraftProposer {
  /**
   * What counts as a match.
   *
   * @param longest the largest n
   * @param shortest the smallest n
   * @param earliest whether the first of equal n-grams decides, as in vLLM, rather than the last,
   *     as in onnxruntime-genai
   * @param chained whether each token is looked up separately
   */
  record Rule(int longest, int shortest, boolean earliest, boolean chained) {}

  private final Rule rule;

  /** Of the history without its last token: nothing follows an n-gram that ends with that one. */
  private final NgramIndex index;

  PromptLookup(Rule rule) {
    this.rule = rule;
    index = new NgramIndex(rule.longest(), rule.earliest());
  }

  @Override
  public Draft propose(Transcript sequence, int count, Cancellation cancellation) {
    return new Draft(propose(sequence.history(), count), List.of());
  }

  /** At most {@code count} tokens. */
  List<Integer> propose(History history, int count) {
    while (index.size() < history.length() - 1) {
      index.add(history.token(index.size()));
    }
    int length = Math.min(rule.longest(), history.length());
    int[] end = new int[length + count];
    for (int i = 0; i < length; i++) {
      end[i] = history.token(history.length() - length + i);
    }
    List<Integer> guess = new ArrayList<>(count);
    while (guess.size() < count) {
      int next = continuation(end, length);
      if (next < 0) {
        break;
      }
      if (!rule.chained()) {
        int last = Math.min(history.length(), next + count);
        for (int i = next; i < last; i++) {
          guess.add(history.token(i));
        }
        break;
      }
      guess.add(history.token(next));
      end[length++] = history.token(next);
    }
    return guess;
  }

  /** The index of the token that followed the longest n-gram at the end of these, or -1. */
  private int continuation(int[] end, int length) {
    for (int n = Math.min(rule.longest(), length); n >= rule.shortest(); n--) {
      int at = index.find(end, length - n, n);
      if (at >= 0) {
        return at + 1;
      }
    }
    return -1;
  }
}
