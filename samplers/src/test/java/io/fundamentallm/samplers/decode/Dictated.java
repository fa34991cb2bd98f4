package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import java.util.ArrayList;
import java.util.List;

/** Lets any token be said, then 1 and 2, and so on. */
record Dictated(int vocabularySize, List<Integer> text) implements TokenConstraint {
  @Override
  public long[] mask() {
    return new long[] {forced() < 0 ? (1L << vocabularySize) - 1 : 1L << forced()};
  }

  @Override
  public int forced() {
    int at = text.size() % 3;
    return at == 0 ? -1 : at;
  }

  @Override
  public void accept(int token) {
    if ((mask()[0] >>> token & 1) == 0) {
      throw new ConstraintException(token + " is not allowed after " + text);
    }
    text.add(token);
  }

  @Override
  public Dictated fork() {
    return new Dictated(vocabularySize, new ArrayList<>(text));
  }

  @Override
  public void rollback(int tokens) {
    text.subList(text.size() - tokens, text.size()).clear();
  }
}
