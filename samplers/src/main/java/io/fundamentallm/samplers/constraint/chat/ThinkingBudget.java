package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.chat.AnswerSpec.Thinking;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ends thinking after a number of tokens: from then on only the marker that closes it can follow
 * (the reasoning budget of llama.cpp). Markers are not counted; thinking that begins again goes on
 * counting.
 */
final class ThinkingBudget implements TokenConstraint {
  /**
   * The text after some tokens.
   *
   * @param inside whether it is within thinking
   * @param matched the state of the marker that comes next: the beginning of it that was written
   * @param thought tokens of thinking
   * @param closing how many tokens of the closing marker were forced; negative outside
   * @param tokens how many were taken
   * @param before the text before the last of them
   */
  private record Place(
      boolean inside, int matched, int thought, int closing, int tokens, @Nullable Place before) {}

  private final TokenConstraint inner;
  private final int budget;
  private final Tokenizer tokenizer;
  private final MarkerTokens open;
  private final MarkerTokens close;
  private final long[] only;
  private Place place;

  private ThinkingBudget(
      TokenConstraint inner,
      int budget,
      Tokenizer tokenizer,
      MarkerTokens open,
      MarkerTokens close,
      long[] only,
      Place place) {
    this.inner = inner;
    this.budget = budget;
    this.tokenizer = tokenizer;
    this.open = open;
    this.close = close;
    this.only = only;
    this.place = place;
  }

  static ThinkingBudget of(
      AnswerSpec spec, Tokenizer tokenizer, int vocabularySize, TokenConstraint inner) {
    boolean begun = spec.thinking() == Thinking.BEGUN;
    return new ThinkingBudget(
        inner,
        spec.budget(),
        tokenizer,
        MarkerTokens.of(spec.syntax().thinkingOpen(), tokenizer),
        MarkerTokens.of(spec.syntax().thinkingClose(), tokenizer),
        new long[(vocabularySize + 63) >> 6],
        new Place(begun, 0, 0, begun && spec.budget() == 0 ? 0 : -1, 0, null));
  }

  @Override
  public long[] mask() {
    int next = closing();
    if (next < 0) {
      return inner.mask();
    }
    Arrays.fill(only, 0);
    only[next >> 6] |= 1L << next;
    return only;
  }

  @Override
  public int forced() {
    int next = closing();
    return next < 0 ? inner.forced() : next;
  }

  /** The next token of the closing marker, if the budget is spent; else {@code NOT_FORCED}. */
  private int closing() {
    return place.closing() < 0 ? Sampler.NOT_FORCED : close.tokens()[place.closing()];
  }

  @Override
  public void accept(int token) {
    int next = closing();
    if (next >= 0 && token != next) {
      throw new ConstraintException(
          "token " + token + " cannot follow: the thinking budget of " + budget + " is spent");
    }
    inner.accept(token);
    place = after(token, next >= 0);
  }

  private Place after(int token, boolean forced) {
    MarkerTokens awaited = place.inside() ? close : open;
    int matched = awaited.after(place.matched(), token, tokenizer);
    if (matched == awaited.length()) {
      boolean inside = !place.inside();
      boolean spent = inside && place.thought() >= budget;
      return new Place(inside, 0, place.thought(), spent ? 0 : -1, place.tokens() + 1, place);
    }
    int thought = place.thought() + (place.inside() && !forced ? 1 : 0);
    boolean spent = place.inside() && thought >= budget;
    int closing = forced ? place.closing() + 1 : spent ? 0 : -1;
    return new Place(place.inside(), matched, thought, closing, place.tokens() + 1, place);
  }

  @Override
  public ThinkingBudget fork() {
    return new ThinkingBudget(inner.fork(), budget, tokenizer, open, close, only.clone(), place);
  }

  @Override
  public void rollback(int tokens) {
    inner.rollback(tokens);
    Place back = place;
    for (int i = 0; i < tokens && back.before() != null; i++) {
      back = back.before();
    }
    place = back;
  }
}
