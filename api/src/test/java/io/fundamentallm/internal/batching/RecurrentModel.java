package io.fundamentallm.internal.batching;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;

/**
 * A toy model as transformers are: what a token left behind when it was read, it keeps. So logits
 * after an eviction still tell of the tokens that were dropped, unlike those of the same tokens
 * read anew.
 */
final class RecurrentModel implements LanguageModel {
  private final ModelInfo info;
  private int openSessions;

  RecurrentModel(int vocabularySize, int contextLength) {
    info = ToyModel.info(vocabularySize, contextLength).build();
  }

  int openSessions() {
    return openSessions;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    return new States(new ArrayList<>());
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    for (Append append : batch) {
      List<Integer> states = ((States) append.session()).states;
      int rows = append.logits().length;
      for (int i = 0; i < append.tokens().length; i++) {
        int before = states.isEmpty() ? 1 : states.get(states.size() - 1);
        states.add(31 * before + append.tokens()[i] + 7);
        int row = i - (append.tokens().length - rows);
        if (row >= 0) {
          int[] state = {states.get(states.size() - 1)};
          ToyModel.hashing().score(state, 1, append.logits()[row]);
        }
      }
    }
  }

  @Override
  public void close() {}

  private final class States implements Session {
    final List<Integer> states;
    private boolean closed;

    States(List<Integer> states) {
      this.states = states;
      openSessions++;
    }

    @Override
    public LanguageModel model() {
      return RecurrentModel.this;
    }

    @Override
    public int length() {
      return states.size();
    }

    @Override
    public long bytes() {
      return states.size();
    }

    @Override
    public Session fork() {
      return new States(new ArrayList<>(states));
    }

    @Override
    public void truncate(int length) {
      states.subList(length, states.size()).clear();
    }

    @Override
    public void evict(int from, int to) {
      states.subList(from, to).clear();
    }

    @Override
    public void close() {
      openSessions -= closed ? 0 : 1;
      closed = true;
    }
  }
}
