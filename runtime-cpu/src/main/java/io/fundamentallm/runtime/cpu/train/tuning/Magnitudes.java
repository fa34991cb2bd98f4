package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.LowRankUpdate;
import io.fundamentallm.runtime.cpu.train.tuning.Adapters.Adapter;
import io.fundamentallm.runtime.cpu.train.tuning.Adapters.Part;
import java.util.Arrays;
import java.util.List;

/**
 * The magnitudes of decomposed weights (DoRA, Liu et al. 2024), which adapters train beside the
 * directions; there is nothing to do for adapters without them. One thread at a time.
 */
final class Magnitudes {
  private final Kernels kernels;
  private final Parallel parallel;
  private final float[] weights;
  private final float[] gradients;
  private final float[][] norms; // [slots][PART]
  private final float[][] own; // [slots][PART]

  /**
   * Those of some adapters.
   *
   * @param weights all weights of adapters, the magnitudes among them
   * @param gradients theirs
   */
  Magnitudes(Kernels kernels, Parallel parallel, float[] weights, float[] gradients) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.weights = weights;
    this.gradients = gradients;
    norms = new float[parallel.slots()][Adapters.PART];
    own = new float[parallel.slots()][Adapters.PART];
  }

  /** Sets the magnitudes of a matrix that has no update yet: the norms of its weights. */
  void measure(Adapter adapter, float[] matrix, int at) {
    LowRankUpdate update = adapter.update();
    if (update.decomposed()) {
      for (Part part : Adapters.parts(adapter, update.outputs())) {
        update.norms(kernels, matrix, at, part.from(), part.count(), norms[0], own[0]);
        System.arraycopy(norms[0], 0, weights, update.magnitude() + part.from(), part.count());
        for (int i = 0; i < part.count(); i++) {
          adapter.factors()[part.from() + i] = norms[0][i] > 0 ? 1 : 0; // as they are
        }
      }
    }
  }

  /** Gives the weights of a matrix, with its update, their magnitudes. */
  void apply(Adapter adapter, float[] matrix, int at) {
    LowRankUpdate update = adapter.update();
    if (!update.decomposed()) {
      return;
    }
    List<Part> some = Adapters.parts(adapter, update.outputs());
    parallel.run(
        some.size(),
        (i, slot) -> {
          Part part = some.get(i);
          update.decompose(
              kernels,
              weights,
              matrix,
              at,
              part.from(),
              part.count(),
              adapter.factors(),
              norms[slot],
              own[slot]);
        });
  }

  /** The gradient of a matrix's magnitudes is zero. */
  void clearGradient(Adapter adapter) {
    LowRankUpdate update = adapter.update();
    if (update.decomposed()) {
      int from = update.magnitude();
      Arrays.fill(gradients, from, from + update.outputs(), 0f);
    }
  }

  /** Adds the gradient of a matrix's magnitudes; dw then is that before them. */
  void addGradient(Adapter adapter, float[] matrix, int at, float[] dw, int dwAt) {
    LowRankUpdate update = adapter.update();
    if (!update.decomposed()) {
      return;
    }
    List<Part> some = Adapters.parts(adapter, update.outputs());
    parallel.run(
        some.size(),
        (i, slot) -> {
          Part part = some.get(i);
          update.magnitudeGradient(
              kernels,
              weights,
              matrix,
              at,
              dw,
              dwAt,
              part.from(),
              part.count(),
              adapter.factors(),
              gradients,
              own[slot]);
        });
  }
}
