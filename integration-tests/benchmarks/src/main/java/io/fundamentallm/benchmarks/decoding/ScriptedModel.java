package io.fundamentallm.benchmarks.decoding;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that computes all that it always does, and then says a given text: random weights cost
 * what trained ones cost, but have nothing to say.
 *
 * @param inner computes; stays the caller's
 * @param text by position in the sequence, the prompt first
 */
record ScriptedModel(LanguageModel inner, int[] text) implements LanguageModel {
  /** Leaves no doubt beside what random weights say, and no certainty either. */
  private static final float EMPHASIS = 25;

  @Override
  public ModelInfo info() {
    return inner.info();
  }

  @Override
  public Session open() {
    return new Scripted(this, inner.open());
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    List<Append> work = new ArrayList<>(batch.size());
    for (Append append : batch) {
      Session session = ((Scripted) append.session()).inner();
      work.add(new Append(session, append.tokens(), append.logits(), append.hidden()));
    }
    inner.forward(work, cancellation);
    for (Append append : batch) {
      int rows = append.logits().length;
      for (int i = 0; i < rows; i++) {
        int next = append.session().length() - rows + 1 + i;
        if (next < text.length) {
          append.logits()[i][text[next]] += EMPHASIS;
        }
      }
    }
  }

  @Override
  public void close() {}

  private record Scripted(ScriptedModel model, Session inner) implements Session {
    @Override
    public int length() {
      return inner.length();
    }

    @Override
    public Session fork() {
      return new Scripted(model, inner.fork());
    }

    @Override
    public void truncate(int length) {
      inner.truncate(length);
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
