package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What to train on and what to validate with, as tokens.
 *
 * @param tokenizer gave the tokens; saved with the model
 * @param training the tokens that weights are fitted to
 * @param validation tokens that are only measured; may be empty
 */
public record TrainingData(Tokenizer tokenizer, TokenSequence training, TokenSequence validation) {
  /** Checks that nothing is null. */
  public TrainingData {
    requireNonNull(tokenizer, "tokenizer");
    requireNonNull(training, "training");
    requireNonNull(validation, "validation");
  }

  /** One text, split as {@link #ofDocuments} splits. */
  public static TrainingData ofText(
      Tokenizer tokenizer, CharSequence text, double trainingFraction) {
    return ofDocuments(tokenizer, List.of(text), trainingFraction);
  }

  /**
   * Documents in memory one after the other, each between the vocabulary's begin and end tokens
   * where it has them, so that generation without a prompt starts from something learned.
   *
   * @param trainingFraction how much of all tokens, from the beginning, is for training, in {@code
   *     (0, 1]}; the rest is for validation
   */
  public static TrainingData ofDocuments(
      Tokenizer tokenizer, List<? extends CharSequence> documents, double trainingFraction) {
    DocumentMarks marks = DocumentMarks.of(tokenizer.vocabulary());
    IntStream.Builder tokens = IntStream.builder();
    boolean first = true;
    for (CharSequence document : documents) {
      marks.before(first).ifPresent(tokens::add);
      first = false;
      for (int token : tokenizer.encode(document)) {
        tokens.add(token);
      }
      marks.after().ifPresent(tokens::add);
    }
    return ofTokens(tokenizer, TokenSequence.of(tokens.build().toArray()), trainingFraction);
  }

  /**
   * Tokens that are there already, such as those of a {@link TokenFile}. Where training and
   * validation come from files of their own, the constructor takes both.
   *
   * @param tokenizer gave the tokens
   * @param trainingFraction as in {@link #ofDocuments}
   */
  public static TrainingData ofTokens(
      Tokenizer tokenizer, TokenSequence tokens, double trainingFraction) {
    if (!(trainingFraction > 0 && trainingFraction <= 1)) {
      throw new IllegalArgumentException(
          "trainingFraction " + trainingFraction + " is not in (0, 1]");
    }
    long split = (long) (tokens.size() * trainingFraction);
    return new TrainingData(tokenizer, tokens.slice(0, split), tokens.slice(split, tokens.size()));
  }
}
