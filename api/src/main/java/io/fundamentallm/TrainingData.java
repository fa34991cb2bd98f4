package io.fundamentallm;

import static java.util.Objects.requireNonNull;

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
   * Documents one after the other, each between the vocabulary's begin and end tokens where it has
   * them, so that generation without a prompt starts from something learned.
   *
   * @param trainingFraction how much of all tokens, from the beginning, is for training, in {@code
   *     (0, 1]}; the rest is for validation
   */
  public static TrainingData ofDocuments(
      Tokenizer tokenizer, List<? extends CharSequence> documents, double trainingFraction) {
    if (!(trainingFraction > 0 && trainingFraction <= 1)) {
      throw new IllegalArgumentException(
          "trainingFraction " + trainingFraction + " is not in (0, 1]");
    }
    Vocabulary vocabulary = tokenizer.vocabulary();
    IntStream.Builder tokens = IntStream.builder();
    boolean first = true;
    for (CharSequence document : documents) {
      // where one token both begins and ends a text, one stands between two documents
      if (first || !vocabulary.bos().equals(vocabulary.eos())) {
        vocabulary.bos().ifPresent(tokens::add);
      }
      first = false;
      for (int token : tokenizer.encode(document)) {
        tokens.add(token);
      }
      vocabulary.eos().ifPresent(tokens::add);
    }
    int[] all = tokens.build().toArray();
    int split = (int) (all.length * trainingFraction);
    return new TrainingData(
        tokenizer,
        TokenSequence.of(java.util.Arrays.copyOf(all, split)),
        TokenSequence.of(java.util.Arrays.copyOfRange(all, split, all.length)));
  }
}
