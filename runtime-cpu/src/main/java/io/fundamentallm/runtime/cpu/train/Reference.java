package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The log-probabilities of pairs under the model that training starts from. They are computed once,
 * before the first step; checkpoints hold them.
 */
final class Reference {
  private final TrainableTransformer model;
  private final int batchSize;
  private final List<Windows> all = new ArrayList<>();

  Reference(TrainableTransformer model, int batchSize) {
    this.model = model;
    this.batchSize = batchSize;
  }

  /**
   * Adds windows, if they have pairs.
   *
   * @param arrays of the checkpoints, receive the log-probabilities
   */
  void add(String name, Windows windows, Map<String, float[]> arrays) {
    if (windows.reference().length > 0) {
      all.add(windows);
      arrays.put(name, windows.reference());
    }
  }

  /** Computes them, while the model has the weights that training starts from. */
  void compute(Cancellation cancellation) {
    for (Windows windows : all) {
      Batch batch = windows.batch(batchSize);
      for (long first = 0; first < windows.count(); first += batchSize) {
        cancellation.throwIfCancelled();
        for (int b = 0; b < batchSize; b++) {
          if (first + b < windows.count()) {
            windows.fill(first + b, b, batch);
          } else {
            windows.fillEmpty(b, batch);
          }
        }
        model.score(batch, windows.reference());
      }
    }
  }
}
