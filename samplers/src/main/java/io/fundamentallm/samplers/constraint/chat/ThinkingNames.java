package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.automaton.TextNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names in an answer that may think: what is thought has none, whatever it looks like, and
 * behind it the answer begins again. Immutable.
 */
final class ThinkingNames implements TextNames {
  /**
   * What is looked for.
   *
   * @param open begins thinking; null if it may not begin
   * @param close ends it
   * @param begin the answer behind it
   */
  private record Follow(@Nullable FreeText open, FreeText close, AnswerNames begin) {}

  private final Follow follow;

  /** How much of the marker that comes next was read. */
  private final int state;

  /** Of the answer; null within thinking. */
  private final @Nullable AnswerNames names;

  private ThinkingNames(Follow follow, int state, @Nullable AnswerNames names) {
    this.follow = follow;
    this.state = state;
    this.names = names;
  }

  /**
   * Before the first byte.
   *
   * @param open the marker that begins thinking; null if it may not begin
   * @param begun whether the answer begins within it
   */
  static ThinkingNames of(byte @Nullable [] open, byte[] close, boolean begun, AnswerNames begin) {
    Follow follow = new Follow(open == null ? null : text(open), text(close), begin);
    return new ThinkingNames(follow, 0, begun ? null : begin);
  }

  private static FreeText text(byte[] marker) {
    return new FreeText(List.of(new FreeText.Pattern(marker, null)));
  }

  @Override
  public @Nullable ThinkingNames after(int value) {
    AnswerNames inside = names;
    if (inside == null) {
      int next = follow.close().after(state, value);
      return follow.close().end(next) >= 0
          ? new ThinkingNames(follow, 0, follow.begin())
          : with(next, null);
    }
    FreeText open = follow.open();
    int next = 0;
    if (open != null && (state > 0 || inside.isAtText())) {
      next = open.after(state, value);
      if (open.end(next) >= 0) {
        return new ThinkingNames(follow, 0, null);
      }
    }
    AnswerNames after = inside.after(value);
    return after == null ? null : with(next, after);
  }

  private ThinkingNames with(int next, @Nullable AnswerNames after) {
    return next == state && after == names ? this : new ThinkingNames(follow, next, after);
  }

  @Override
  public int quotesToRepeat() {
    return (names == null ? follow.begin() : names).quotesToRepeat();
  }
}
