package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What to train on and what to validate on, as tokens.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TrainingData data =
 *     TrainingData.ofText(tokenizer, Files.readString(Path.of("novel.txt")), 0.9); // the rest is for validation
 * }</pre>
 *
 * @param tokenizer made the tokens; saved with the model
 * @param training the tokens to fit the weights to
 * @param validation tokens for measuring only; may be empty
 * @param replay older tokens to go on with, so that they are not forgotten; usually none
 */
public record TrainingData(
    Tokenizer tokenizer,
    TokenSequence training,
    TokenSequence validation,
    Optional<Replay> replay) {

  /**
   * Tokens that were trained on before, of which a share is mixed into continued pre-training
   * (Ibrahim et al. 2024).
   *
   * @param tokens one text, or documents
   * @param share of all training windows, between 0 and 1: of every 1/share windows one is cut from
   *     these tokens
   */
  public record Replay(TokenSequence tokens, double share) {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException for a share out of range
     */
    public Replay {
      requireNonNull(tokens, "tokens");
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException("the share of replay " + share + " is not in (0, 1)");
      }
    }
  }

  /** Checks that nothing is null. */
  public TrainingData {
    requireNonNull(tokenizer, "tokenizer");
    requireNonNull(training, "training");
    requireNonNull(validation, "validation");
    requireNonNull(replay, "replay");
  }

  /** Data without replay. */
  public TrainingData(Tokenizer tokenizer, TokenSequence training, TokenSequence validation) {
    this(tokenizer, training, validation, Optional.empty());
  }

  /** With older tokens that some of the training windows come from. */
  public TrainingData withReplay(TokenSequence tokens, double share) {
    return new TrainingData(
        tokenizer, training, validation, Optional.of(new Replay(tokens, share)));
  }

  /**
   * Conversations of files, as {@link Conversations#read} reads them.
   *
   * @param trainingFraction as in {@link #ofTokens}
   */
  public static TrainingData ofConversations(
      Tokenizer tokenizer, double trainingFraction, Path... files) throws IOException {
    return ofTokens(tokenizer, Conversations.read(tokenizer, files), trainingFraction);
  }

  /**
   * Pairs of answers of files, as {@link Preferences#read} reads them.
   *
   * @param trainingFraction as in {@link #ofTokens}
   */
  public static TrainingData ofPreferences(
      Tokenizer tokenizer, double trainingFraction, Path... files) throws IOException {
    return ofTokens(tokenizer, Preferences.read(tokenizer, files), trainingFraction);
  }

  /**
   * One text, split as in {@link #ofDocuments}. Trainers refuse one of fewer tokens than a single
   * window takes, but for the windows {@code documents}. How a text begins a model learns after the
   * empty lines of this one, too.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public static TrainingData ofText(
      Tokenizer tokenizer, CharSequence text, double trainingFraction) {
    return ofDocuments(tokenizer, List.of(requireNonNull(text, "text")), trainingFraction);
  }

  /**
   * Documents in memory one after another, each between the vocabulary's begin and end tokens if it
   * has them, so that generation without a prompt starts from something learned.
   *
   * @param trainingFraction the fraction of all tokens, from the beginning, for training, in {@code
   *     (0, 1]}; the rest is for validation
   * @throws IllegalArgumentException if there are no documents, or all are empty
   */
  public static TrainingData ofDocuments(
      Tokenizer tokenizer, List<? extends CharSequence> documents, double trainingFraction) {
    DocumentMarks marks = DocumentMarks.of(requireNonNull(tokenizer, "tokenizer"));
    IntStream.Builder tokens = IntStream.builder();
    boolean first = true;
    boolean empty = true;
    int index = 0;
    for (CharSequence document : requireNonNull(documents, "documents")) {
      requireNonNull(document, "documents[" + index++ + "] is null");
      empty &= document.isEmpty();
      marks.before(first).ifPresent(tokens::add);
      first = false;
      for (int token : tokenizer.encode(document)) {
        tokens.add(token);
      }
      marks.after().ifPresent(tokens::add);
    }
    if (empty) {
      throw new IllegalArgumentException(
          switch (documents.size()) {
            case 0 -> "there is no document to train on; expected at least one";
            case 1 -> "the text to train on is empty";
            default -> "all " + documents.size() + " documents to train on are empty";
          });
    }
    return ofTokens(tokenizer, TokenSequence.of(tokens.build().toArray()), trainingFraction);
  }

  /**
   * Existing tokens, such as those of a {@link TokenFile}. If training and validation come from
   * separate files, use the constructor.
   *
   * @param tokenizer made the tokens
   * @param trainingFraction as in {@link #ofDocuments}; examples and pairs stay whole: the one that
   *     the split would cut is for training, unless nothing else is left for validation and the
   *     split is nearer to its beginning
   */
  public static TrainingData ofTokens(
      Tokenizer tokenizer, TokenSequence tokens, double trainingFraction) {
    if (!(trainingFraction > 0 && trainingFraction <= 1)) {
      throw new IllegalArgumentException(
          "trainingFraction " + trainingFraction + " is not in (0, 1]");
    }
    long split = tokens.size();
    if (trainingFraction < 1) {
      split = whole(tokens, (long) (tokens.size() * trainingFraction));
    }
    return new TrainingData(tokenizer, tokens.slice(0, split), tokens.slice(split, tokens.size()));
  }

  /** The first place from here on that is not within an example or a pair, else the last before. */
  private static long whole(TokenSequence tokens, long split) {
    Optional<TokenMarks> marks = tokens.marks();
    if (marks.isEmpty()) {
      return split;
    }
    long at = split;
    while (at < tokens.size() && !begins(marks.get(), at)) {
      at++;
    }
    if (at < tokens.size()) {
      return at;
    }
    long before = split - 1;
    while (before > 0 && !begins(marks.get(), before)) {
      before--;
    }
    return before > 0 && split - before <= at - split ? before : at;
  }

  private static boolean begins(TokenMarks marks, long at) {
    byte[] mark = new byte[1];
    marks.read(at, mark, 0, 1);
    return (mark[0] & TokenMarks.UNIT) != 0;
  }
}
