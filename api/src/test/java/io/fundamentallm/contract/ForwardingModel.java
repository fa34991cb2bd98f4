package io.fundamentallm.contract;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.List;

/** Does what another model does; tests override what they want to see or to change. */
public class ForwardingModel implements LanguageModel {
  private final LanguageModel model;

  protected ForwardingModel(LanguageModel model) {
    this.model = model;
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
  }

  @Override
  public void close() {
    model.close();
  }
}
