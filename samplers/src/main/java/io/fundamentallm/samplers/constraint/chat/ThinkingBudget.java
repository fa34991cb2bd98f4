package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.automaton.AutomatonConstraint;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ends thinking after a number of tokens: from then on only the marker that closes it can follow
 * (the reasoning budget of llama.cpp). Markers are not counted; thinking that begins again goes on
 * counting. What is thinking, the grammar of the answer says: a marker's look-alike in a document
 * or in the arguments of a call is not.
 */
final class ThinkingBudget implements TokenConstraint {
  /**
   * The text after some tokens.
   *
   * @param thought tokens of thinking
   * @param closing how many tokens of the closing marker were forced; negative outside
   * @param before the text before the last of them
   */
  private record Place(int thought, int closing, @Nullable Place before) {}

  private final AutomatonConstraint answer;
  private final int budget;

  /** What thinking is closed with. */
  private final int[] close;

  private final long[] only;
  private Place place;

  private ThinkingBudget(
      AutomatonConstraint answer, int budget, int[] close, long[] only, Place place) {
    this.answer = answer;
    this.budget = budget;
    this.close = close;
    this.only = only;
    this.place = place;
  }

  static ThinkingBudget of(
      AnswerSpec spec, Tokenizer tokenizer, int vocabularySize, AutomatonConstraint answer) {
    boolean spent = spec.budget() == 0 && answer.isInMarked();
    return new ThinkingBudget(
        answer,
        spec.budget(),
        MarkerTokens.of(spec.syntax().thinkingClose(), tokenizer),
        new long[(vocabularySize + 63) >> 6],
        new Place(0, spent ? 0 : -1, null));
  }

  @Override
  public long[] mask() {
    int next = closing();
    if (next < 0) {
      return answer.mask();
    }
    Arrays.fill(only, 0);
    only[next >> 6] |= 1L << next;
    return only;
  }

  @Override
  public int forced() {
    int next = closing();
    return next < 0 ? answer.forced() : next;
  }

  /** The next token of the closing marker, if the budget is spent; else {@code NOT_FORCED}. */
  private int closing() {
    return place.closing() < 0 ? Sampler.NOT_FORCED : close[place.closing()];
  }

  @Override
  public void accept(int token) {
    int next = closing();
    if (next >= 0 && token != next) {
      throw new ConstraintException(
          "token " + token + " cannot follow: the thinking budget of " + budget + " is spent");
    }
    boolean wasThinking = answer.isInMarked();
    answer.accept(token);
    boolean thinks = answer.isInMarked();
    int thought = place.thought() + (wasThinking && thinks && next < 0 ? 1 : 0);
    int closing = !thinks || thought < budget ? -1 : next >= 0 ? place.closing() + 1 : 0;
    place = new Place(thought, closing, place);
  }

  @Override
  public ThinkingBudget fork() {
    return new ThinkingBudget(answer.fork(), budget, close, only.clone(), place);
  }

  @Override
  public void rollback(int tokens) {
    answer.rollback(tokens);
    Place back = place;
    for (int i = 0; i < tokens && back.before() != null; i++) {
      back = back.before();
    }
    place = back;
  }
}
