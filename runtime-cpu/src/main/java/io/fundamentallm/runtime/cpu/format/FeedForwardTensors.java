package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.LayerTensors.ExpertTensors;
import io.fundamentallm.runtime.cpu.format.LayerTensors.LinearTensors;
import io.fundamentallm.runtime.cpu.format.LayerTensors.RouterTensors;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the tensors of feed-forward layers and of experts, each alone or in one tensor. */
final class FeedForwardTensors {
  private final TransformerConfig config;
  private final TensorNames names;
  private final Bias bias;
  private final Bias expertBias;
  private final ModelTensors tensors;
  private final AssembledWeights weights;
  private final int channels;

  FeedForwardTensors(
      TransformerConfig config,
      Architecture architecture,
      ModelTensors tensors,
      AssembledWeights weights) {
    this.config = config;
    this.names = architecture.names();
    this.bias = architecture.biases().inner();
    this.expertBias = architecture.biases().experts();
    this.tensors = tensors;
    this.weights = weights;
    channels = config.hiddenSize();
  }

  /** All experts of a layer, or the layer as the only one. */
  List<ExpertTensors> experts(int layer) throws IOException {
    TransformerConfig.Experts experts = config.experts(layer);
    int inner = config.innerSize(layer);
    if (experts == null) {
      LinearTensors down = weights.linear(layer, Part.DOWN, channels, inner, bias);
      if (names.has(Part.GATE_UP)) {
        LinearTensors both = weights.linear(layer, Part.GATE_UP, 2L * inner, channels, bias);
        return List.of(
            new ExpertTensors(both.outputs(0, 1, inner), both.outputs(inner, 1, inner), down));
      }
      LinearTensors gate =
          names.has(Part.GATE) ? weights.linear(layer, Part.GATE, inner, channels, bias) : null;
      LinearTensors up = weights.linear(layer, Part.UP, inner, channels, bias);
      return List.of(new ExpertTensors(gate, up, down));
    }
    if (names.fusedExperts()) {
      return new FusedExperts(tensors, experts.count(), channels, inner)
          .find(names.of(Part.EXPERT_UP, layer), names.of(Part.EXPERT_DOWN, layer));
    }
    List<ExpertTensors> all = new ArrayList<>();
    for (int i = 0; i < experts.count(); i++) {
      all.add(
          new ExpertTensors(
              expert(layer, Part.EXPERT_GATE, i, inner, channels),
              expert(layer, Part.EXPERT_UP, i, inner, channels),
              expert(layer, Part.EXPERT_DOWN, i, channels, inner)));
    }
    return all;
  }

  /** What chooses experts; null where there is one. */
  @Nullable RouterTensors router(int layer) throws IOException {
    TransformerConfig.Experts experts = config.experts(layer);
    if (experts == null) {
      return null;
    }
    LinearTensors router =
        weights.linear(layer, Part.ROUTER, experts.count(), channels, expertBias);
    int shared = experts.sharedSize();
    if (shared == 0) {
      return new RouterTensors(router, null, null);
    }
    ExpertTensors expert =
        new ExpertTensors(
            weights.linear(layer, Part.SHARED_GATE, shared, channels, Bias.ABSENT),
            weights.linear(layer, Part.SHARED_UP, shared, channels, Bias.ABSENT),
            weights.linear(layer, Part.SHARED_DOWN, channels, shared, Bias.ABSENT));
    return new RouterTensors(router, expert, sharedGate(layer));
  }

  /** One row; GGUF files have a vector. */
  private LinearTensors sharedGate(int layer) throws IOException {
    String name = names.of(Part.SHARED_ROUTER, layer) + ".weight";
    boolean vector = tensors.look(name).dimensions() == 1;
    Tensor weight = vector ? tensors.take(name, channels) : tensors.take(name, 1, channels);
    return new LinearTensors(weight, new TensorMatrix(weight, 1, channels), null, null);
  }

  private LinearTensors expert(int layer, Part part, int index, int rows, int columns)
      throws IOException {
    String name = names.of(part, layer);
    if (name.contains("#")) {
      return weights.linear(name.replace("#", String.valueOf(index)), rows, columns, false);
    }
    TransformerConfig.Experts experts = config.experts(layer);
    int count = experts == null ? 1 : experts.count();
    Tensor all = tensors.take(name + ".weight", count, rows, columns);
    Tensor biases = expertBias == Bias.REQUIRED ? tensors.take(name + ".bias", count, rows) : null;
    Matrix own = biases == null ? null : new TensorMatrix(biases.slice(index, 1), rows, 1);
    Matrix base = new TensorMatrix(all.slice(index, 1), rows, columns);
    return new LinearTensors(all, base, own, null);
  }
}
