package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.StackedMatrix;
import io.fundamentallm.runtime.cpu.gguf.FileTensor.Role;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Expert;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Norm;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Router;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model's weights under the names of llama.cpp, in the order in which they are written. */
final class NamedTensors {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  private final TransformerConfig config;
  private final ModelKeys keys;
  private final List<FileTensor> tensors = new ArrayList<>();

  private NamedTensors(TransformerConfig config, ModelKeys keys) {
    this.config = config;
    this.keys = keys;
  }

  static List<FileTensor> of(TransformerConfig config, ModelKeys keys, ModelWeights weights)
      throws IOException {
    NamedTensors all = new NamedTensors(config, keys);
    all.collect(weights);
    return all.tensors;
  }

  private void collect(ModelWeights weights) throws IOException {
    Matrix embedding = weights.embedding();
    Linear head = weights.head();
    boolean tied = head.matrix() == embedding;
    add(name(Part.EMBEDDING) + WEIGHT, tied ? Role.HEAD : Role.OTHER, 0, embedding);
    Matrix positions = weights.positions();
    if (positions != null) {
      add(name(Part.POSITIONS) + WEIGHT, Role.EXACT, 0, positions);
    }
    keys.positions().divisors().forEach(this::vector);
    for (int i = 0; i < config.layers(); i++) {
      collect(i, weights.layer(i));
    }
    norm(name(Part.FINAL_NORM), weights.finalNorm());
    if (!tied) {
      linear(name(Part.HEAD), Role.HEAD, 0, head);
    }
  }

  private String name(Part part) {
    return keys.names().of(part);
  }

  private void collect(int index, ModelWeights.Layer layer) throws IOException {
    TensorNames names = keys.names();
    norm(Part.NORM1, index, layer.norm1());
    attention(index, layer.queryKeyValue());
    if (layer.queryNorm() != null) {
      vector(names.of(Part.QUERY_NORM, index) + WEIGHT, layer.queryNorm());
    }
    if (layer.keyNorm() != null) {
      vector(names.of(Part.KEY_NORM, index) + WEIGHT, layer.keyNorm());
    }
    if (layer.sinks() != null) {
      vector(names.of(Part.SINKS, index) + WEIGHT, layer.sinks());
    }
    linear(names.of(Part.ATTENTION_OUT, index), Role.ATTENTION_OUT, index, layer.attentionOut());
    norm(Part.AFTER1, index, layer.after1());
    norm(Part.NORM2, index, layer.norm2());
    feedForward(index, layer.feedForward());
    norm(Part.AFTER2, index, layer.after2());
  }

  private void feedForward(int index, ModelWeights.FeedForward layer) throws IOException {
    Router router = layer.router();
    Expert only = layer.experts().get(0);
    Linear gate = only.gate();
    if (router != null) {
      experts(index, layer.experts(), router);
    } else if (keys.has(Part.GATE_UP) && gate != null) {
      Matrix both = new StackedMatrix(List.of(gate.matrix(), only.up().matrix()));
      add(keys.names().of(Part.GATE_UP, index) + WEIGHT, Role.OTHER, index, both);
      linear(Part.DOWN, Role.DOWN, index, only.down());
    } else {
      linear(Part.GATE, Role.OTHER, index, gate);
      linear(Part.UP, Role.OTHER, index, only.up());
      linear(Part.DOWN, Role.DOWN, index, only.down());
    }
  }

  /** Experts are one tensor, the first dimension of which is their number. */
  private void experts(int index, List<Expert> experts, Router router) throws IOException {
    linear(Part.ROUTER, Role.EXACT, index, router.weights());
    List<Linear> gates = new ArrayList<>();
    List<Linear> ups = new ArrayList<>();
    List<Linear> downs = new ArrayList<>();
    for (Expert expert : experts) {
      Linear gate = expert.gate();
      if (gate != null) {
        gates.add(gate);
      }
      ups.add(expert.up());
      downs.add(expert.down());
    }
    if (!gates.isEmpty()) {
      stacked(Part.EXPERT_GATE, Role.OTHER, index, gates);
    }
    stacked(Part.EXPERT_UP, Role.OTHER, index, ups);
    stacked(Part.EXPERT_DOWN, Role.DOWN, index, downs);
    Expert shared = router.shared();
    Linear sharedGate = router.sharedGate();
    if (shared != null) {
      linear(Part.SHARED_GATE, Role.OTHER, index, shared.gate());
      linear(Part.SHARED_UP, Role.OTHER, index, shared.up());
      linear(Part.SHARED_DOWN, Role.DOWN, index, shared.down());
    }
    if (sharedGate != null) {
      float[] row = new float[sharedGate.matrix().columns()];
      sharedGate.matrix().read(0, 1, row);
      vector(keys.names().of(Part.SHARED_ROUTER, index) + WEIGHT, row);
    }
  }

  private void stacked(Part part, Role role, int index, List<Linear> layers) {
    List<Matrix> matrices = new ArrayList<>();
    float[] biases = new float[0];
    for (Linear layer : layers) {
      matrices.add(layer.matrix());
      float[] bias = layer.bias();
      if (bias != null) {
        int at = biases.length;
        biases = Arrays.copyOf(biases, at + bias.length);
        System.arraycopy(bias, 0, biases, at, bias.length);
      }
    }
    int rows = matrices.get(0).rows();
    int columns = matrices.get(0).columns();
    String name = keys.names().of(part, index);
    tensors.add(
        new FileTensor(
            name + WEIGHT,
            role,
            index,
            new StackedMatrix(matrices),
            matrices.size(),
            rows,
            columns));
    if (biases.length > 0) {
      Matrix all = FileTensor.vector(name, biases).matrix();
      tensors.add(new FileTensor(name + BIAS, Role.EXACT, index, all, matrices.size(), rows));
    }
  }

  private void linear(Part part, Role role, int index, @Nullable Linear linear) {
    if (linear != null) {
      linear(keys.names().of(part, index), role, index, linear);
    }
  }

  private void norm(Part part, int index, @Nullable Norm norm) {
    if (norm != null) {
      norm(keys.names().of(part, index), norm);
    }
  }

  private void attention(int index, Linear all) {
    TensorNames names = keys.names();
    if (keys.has(Part.QUERY_KEY_VALUE)) {
      linear(names.of(Part.QUERY_KEY_VALUE, index), Role.VALUES, index, all);
      return;
    }
    int queries = config.heads() * config.headSize();
    int shared = config.keyValueHeads() * config.headSize();
    int paired = keys.interleaved();
    KeyRows first = new KeyRows(all.matrix(), 0, queries, paired);
    part(names.of(Part.QUERY, index), Role.OTHER, index, all, first);
    KeyRows second = new KeyRows(all.matrix(), queries, shared, paired);
    part(names.of(Part.KEY, index), Role.KEYS, index, all, second);
    KeyRows third = new KeyRows(all.matrix(), queries + shared, shared, 0);
    part(names.of(Part.VALUE, index), Role.VALUES, index, all, third);
  }

  private void part(String name, Role role, int index, Linear all, KeyRows rows) {
    add(name + WEIGHT, role, index, rows);
    if (all.bias() != null) {
      vector(name + BIAS, rows.of(all.bias()));
    }
  }

  private void linear(String name, Role role, int index, Linear linear) {
    add(name + WEIGHT, role, index, linear.matrix());
    vector(name + BIAS, linear.bias());
  }

  private void norm(String name, Norm norm) {
    vector(name + WEIGHT, norm.weight());
    vector(name + BIAS, norm.bias());
  }

  private void add(String name, Role role, int index, Matrix matrix) {
    tensors.add(FileTensor.of(name, role, index, matrix));
  }

  private void vector(String name, float @Nullable [] values) {
    if (values != null) {
      tensors.add(FileTensor.vector(name, values));
    }
  }
}
