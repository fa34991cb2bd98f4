package io.fundamentallm.concepts;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.List;

/** Counts the positions that a model computes in {@code forward}. One thread at a time. */
final class CountingModel implements LanguageModel {
  private final LanguageModel model;
  private long positions;

  CountingModel(LanguageModel model) {
    this.model = model;
  }

  /** Tokens read so far, in all sessions. */
  long positions() {
    return positions;
  }

  @Override
  public ModelInfo info() {
    return model.info();
  }

  @Override
  public Session open() {
    return model.open();
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    model.forward(batch, cancellation);
    for (Append append : batch) {
      positions += append.tokens().length;
    }
  }

  /** Leaves the model open, which belongs to another. */
  @Override
  public void close() {}
}
