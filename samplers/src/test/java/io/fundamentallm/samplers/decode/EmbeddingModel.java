package io.fundamentallm.samplers.decode;

import io.fundamentallm.contract.ForwardingModel;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import java.util.List;

/** A toy model whose hidden states are a vector for each token, whatever stands before it. */
final class EmbeddingModel extends ForwardingModel {
  private final float[][] vectors;

  EmbeddingModel(ToyModel toy, float[][] vectors) {
    super(toy);
    this.vectors = vectors;
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    super.forward(batch, cancellation);
    for (Append append : batch) {
      int first = append.tokens().length - append.hidden().length;
      for (int i = 0; i < append.hidden().length; i++) {
        float[] row = append.hidden()[i];
        System.arraycopy(vectors[append.tokens()[first + i]], 0, row, 0, row.length);
      }
    }
  }
}
