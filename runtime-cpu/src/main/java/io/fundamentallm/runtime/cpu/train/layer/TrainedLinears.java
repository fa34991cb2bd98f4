package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.layer.Compute.Columns;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which linear layers have gradients: those of matrices and biases that are entirely frozen are
 * skipped. Immutable.
 */
record TrainedLinears(Set<Linear> frozen, Set<Linear> frozenBiases) {

  /** Nothing is frozen. */
  static final TrainedLinears ALL = new TrainedLinears(Set.of(), Set.of());

  static TrainedLinears of(TrainedTensors trained, List<Linear> layers) {
    Set<Linear> frozen = new HashSet<>();
    Set<Linear> frozenBiases = new HashSet<>();
    for (Linear layer : layers) {
      if (!layer.trainedIn(trained)) {
        frozen.add(layer);
      }
      if (!trained.touch(layer.bias(), layer.outputs())) {
        frozenBiases.add(layer);
      }
    }
    return new TrainedLinears(frozen, frozenBiases);
  }

  /** Those of a layer's matrix. */
  void gradients(Linear layer, TeamProduct product, Backward b, int rows, Floats x, Floats dy) {
    if (!frozen.contains(layer)) {
      layer.gradients(product, b.gradients(), b.fresh(), rows, x, dy);
    }
  }

  /** Adds the sums of a layer's bias to others, if it has one. */
  void bias(Linear layer, Compute compute, Backward b, int rows, Floats dy, List<Columns> others) {
    if (layer.bias() < 0 || frozenBiases.contains(layer)) {
      return;
    }
    ElementwiseKernels kernels = compute.kernels().elementwise();
    others.add(
        new Columns(
            layer.outputs(),
            (from, columns, slot) ->
                kernels.addColumnSums(
                    rows,
                    columns,
                    dy.array(),
                    dy.at(from),
                    layer.outputs(),
                    b.gradients(),
                    layer.bias() + from)));
  }
}
