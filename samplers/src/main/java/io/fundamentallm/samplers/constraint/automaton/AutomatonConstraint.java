package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.text.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * One generation's place in a {@link TokenAutomaton}. The states so far are a list that grows at
 * its head and is shared by forks, so a fork or a rollback copies nothing.
 */
public final class AutomatonConstraint implements TokenConstraint {
  /**
   * The text after some tokens.
   *
   * @param state null after an end token
   * @param names for a text that is JSON; null for others
   * @param tokens how many were taken
   * @param before the text before the last of them
   */
  private record Place(
      @Nullable State state, @Nullable TextNames names, int tokens, @Nullable Place before) {}

  private final TokenAutomaton automaton;
  private final Program program;
  private final Tokenizer tokenizer;
  private final boolean begins;
  private Place place;

  /**
   * Before any token.
   *
   * @param begins whether the first token begins a text, rather than continuing a prompt's
   * @param names those of a text that is JSON, whose objects have no name twice; null for others
   */
  AutomatonConstraint(
      TokenAutomaton automaton,
      Program program,
      Tokenizer tokenizer,
      boolean begins,
      @Nullable TextNames names) {
    this(automaton, program, tokenizer, begins, new Place(automaton.start(), names, 0, null));
  }

  private AutomatonConstraint(
      TokenAutomaton automaton, Program program, Tokenizer tokenizer, boolean begins, Place place) {
    this.automaton = automaton;
    this.program = program;
    this.tokenizer = tokenizer;
    this.begins = begins;
    this.place = place;
  }

  @Override
  public long[] mask() {
    State state = place.state();
    if (state == null) {
      throw new ConstraintException("the text has ended: nothing follows an end token");
    }
    long[] mask = automaton.mask(state, isFirst());
    TextNames names = place.names();
    return names == null ? mask : automaton.distinct(mask, names, isFirst());
  }

  @Override
  public int forced() {
    State state = place.state();
    return state == null ? Sampler.NOT_FORCED : automaton.forced(state, isFirst(), tokenizer);
  }

  @Override
  public void accept(int token) {
    State state = place.state();
    boolean end = automaton.isEnd(token);
    State after = state == null || end ? null : automaton.after(state, token, isFirst());
    TextNames names = place.names();
    if (names != null && after != null) {
      names = automaton.after(names, token, isFirst());
      after = names == null ? null : after;
    }
    if (state == null || (end ? !state.accepts() : after == null)) {
      throw new ConstraintException(
          "token "
              + token
              + " was chosen, which the constraint does not allow after the "
              + place.tokens()
              + " tokens so far; another constraint that contradicts it, or a stage behind it that"
              + " allows more, leads to this");
    }
    place = new Place(after, names, place.tokens() + 1, place);
  }

  /**
   * Whether the next byte is within the rules that were marked, however the text is read; false at
   * its end.
   */
  public boolean isInMarked() {
    State state = place.state();
    if (state == null || state.nodes.length == 0) {
      return false;
    }
    for (int node : state.nodes) {
      if (!program.marked().get(node)) {
        return false;
      }
    }
    return true;
  }

  private boolean isFirst() {
    return begins && place.tokens() == 0;
  }

  @Override
  public AutomatonConstraint fork() {
    return new AutomatonConstraint(automaton, program, tokenizer, begins, place);
  }

  @Override
  public void rollback(int tokens) {
    if (tokens < 0 || tokens > place.tokens()) {
      throw new IllegalArgumentException(
          "cannot roll back " + tokens + " of " + place.tokens() + " tokens");
    }
    Place back = place;
    for (int i = 0; i < tokens && back.before() != null; i++) {
      back = back.before();
    }
    place = back;
  }
}
