package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What to train on and what to validate on, as tokens.
 *
 * @param tokenizer made the tokens; saved with the model
 * @param training the tokens to fit the weights to
 * @param validation tokens for measuring only; may be empty
 */
public record TrainingData(Tokenizer tokenizer, TokenSequence training, TokenSequence validation) {
  /** Checks that nothing is null. */
  public TrainingData {
    requireNonNull(tokenizer, "tokenizer");
    requireNonNull(training, "training");
    requireNonNull(validation, "validation");
  }

  /** One text, split as in {@link #ofDocuments}. */
  public static TrainingData ofText(
      Tokenizer tokenizer, CharSequence text, double trainingFraction) {
    return ofDocuments(tokenizer, List.of(text), trainingFraction);
  }

  /**
   * Documents in memory one after another, each between the vocabulary's begin and end tokens if it
   * has them, so that generation without a prompt starts from something learned.
   *
   * @param trainingFraction the fraction of all tokens, from the beginning, for training, in {@code
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
   * Existing tokens, such as those of a {@link TokenFile}. If training and validation come from
   * separate files, use the constructor.
   *
   * @param tokenizer made the tokens
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
