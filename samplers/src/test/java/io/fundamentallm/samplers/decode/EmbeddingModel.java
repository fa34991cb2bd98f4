package io.fundamentallm.samplers.decode;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.List;

/** A toy model whose hidden states are a vector for each token, whatever stands before it. */
record EmbeddingModel(ToyModel toy, float[][] vectors) implements LanguageModel {
  @Override
  public ModelInfo info() {
    return toy.info();
  }

  @Override
  public Session open() {
    return toy.open();
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    toy.forward(batch, cancellation);
    for (Append append : batch) {
      int first = append.tokens().length - append.hidden().length;
      for (int i = 0; i < append.hidden().length; i++) {
        float[] row = append.hidden()[i];
        System.arraycopy(vectors[append.tokens()[first + i]], 0, row, 0, row.length);
      }
    }
  }

  @Override
  public void close() {
    toy.close();
  }
}
