package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import io.fundamentallm.runtime.cpu.format.tensor.OrderedMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.SelectedRows;
import io.fundamentallm.runtime.cpu.format.tensor.StackedMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Expert;
import io.fundamentallm.runtime.cpu.model.ModelWeights.FeedForward;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Norm;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Router;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tensors of one block: found, with the right shapes, not yet read. */
record LayerTensors(
    @Nullable NormTensors norm1,
    List<LinearTensors> queryKeyValue,
    @Nullable NormTensors queryNorm,
    @Nullable NormTensors keyNorm,
    @Nullable Tensor sinks,
    LinearTensors attentionOut,
    @Nullable NormTensors after1,
    @Nullable NormTensors norm2,
    List<ExpertTensors> experts,
    @Nullable RouterTensors router,
    @Nullable NormTensors after2) {

  /** Those of an expert, or of all of a feed-forward layer. */
  record ExpertTensors(@Nullable LinearTensors gate, LinearTensors up, LinearTensors down) {
    ExpertTensors matricesOnly() {
      return new ExpertTensors(
          gate == null ? null : gate.matrixOnly(), up.matrixOnly(), down.matrixOnly());
    }

    Expert read() throws IOException {
      return new Expert(gate == null ? null : gate.read(), up.read(), down.read());
    }
  }

  /** Those of what chooses experts. */
  record RouterTensors(
      LinearTensors weights, @Nullable ExpertTensors shared, @Nullable LinearTensors sharedGate) {
    RouterTensors matricesOnly() {
      return new RouterTensors(
          weights.matrixOnly(),
          shared == null ? null : shared.matricesOnly(),
          sharedGate == null ? null : sharedGate.matrixOnly());
    }

    Router read() throws IOException {
      return new Router(
          weights.read(),
          shared == null ? null : shared.read(),
          sharedGate == null ? null : sharedGate.read());
    }
  }

  /** Without norms and biases, which are read as soon as they are asked for. */
  LayerTensors matricesOnly() {
    return new LayerTensors(
        null,
        queryKeyValue.stream().map(LinearTensors::matrixOnly).toList(),
        null,
        null,
        null,
        attentionOut.matrixOnly(),
        null,
        null,
        experts.stream().map(ExpertTensors::matricesOnly).toList(),
        router == null ? null : router.matricesOnly(),
        null);
  }

  /** The feed-forward layer, or the experts. */
  FeedForward feedForward() throws IOException {
    List<Expert> all = new ArrayList<>();
    for (ExpertTensors expert : experts) {
      all.add(expert.read());
    }
    return new FeedForward(all, router == null ? null : router.read());
  }

  /**
   * A norm's.
   *
   * @param offset added to the stored weights
   */
  record NormTensors(Tensor weight, @Nullable Tensor bias, float offset) {
    Norm read() throws IOException {
      float[] weights = weight.read();
      for (int i = 0; offset != 0 && i < weights.length; i++) {
        weights[i] += offset;
      }
      return new Norm(weights, bias == null ? null : bias.read());
    }
  }

  /**
   * Those of a linear layer, and what is added to it.
   *
   * @param weight the tensor that errors name
   * @param base its numbers, [outputs][inputs]
   * @param bias [outputs][1]; null for none
   */
  record LinearTensors(
      Tensor weight, Matrix base, @Nullable Matrix bias, @Nullable LowRank adapter) {

    Matrix matrix() {
      return adapter == null ? base : adapter.addedTo(base);
    }

    LinearTensors matrixOnly() {
      return new LinearTensors(weight, base, null, adapter);
    }

    Linear read() throws IOException {
      return new Linear(matrix(), vector(bias));
    }

    /** The same with the rows of the base, not of the adapter, in this runtime's order. */
    LinearTensors ordered(HeadOrder order, int heads, int headSize) {
      return new LinearTensors(
          weight, new OrderedMatrix(base, order, heads, headSize), bias, adapter);
    }

    /** Some of its outputs, as {@link SelectedRows}. */
    LinearTensors outputs(int first, int step, int count) throws IOException {
      if (adapter != null && step != 1) {
        throw adapter.b().problem("belongs to a layer that this runtime does not adapt");
      }
      return new LinearTensors(
          weight,
          new SelectedRows(base, first, step, count),
          bias == null ? null : new SelectedRows(bias, first, step, count),
          adapter == null ? null : adapter.outputs(first, count));
    }

    private static float @Nullable [] vector(@Nullable Matrix bias) throws IOException {
      if (bias == null) {
        return null;
      }
      float[] values = new float[bias.rows()];
      bias.read(0, values.length, values);
      return values;
    }
  }

  /** Queries, keys and values in one matrix, in this runtime's order. */
  Linear attentionIn(HeadOrder order, int headSize) throws IOException {
    List<Matrix> matrices = new ArrayList<>();
    float[] biases = new float[0];
    for (LinearTensors part : queryKeyValue) {
      // values are not rotated: in a tensor of their own they are always in order
      boolean plain = order == HeadOrder.PLAIN || matrices.size() == 2;
      int heads = part.base().rows() / headSize / (queryKeyValue.size() == 1 ? 3 : 1);
      // pairs are GGUF's order, but adapters have Hugging Face's
      boolean before = !plain && order == HeadOrder.PAIRS;
      Linear linear = (before ? part.ordered(order, heads, headSize) : part).read();
      Matrix matrix = linear.matrix();
      matrices.add(plain || before ? matrix : new OrderedMatrix(matrix, order, heads, headSize));
      float[] stored = linear.bias();
      if (stored != null) {
        float[] bias = plain ? stored : order.order(stored, heads, headSize);
        int at = biases.length;
        biases = Arrays.copyOf(biases, at + bias.length);
        System.arraycopy(bias, 0, biases, at, bias.length);
      }
    }
    Matrix all = matrices.size() == 1 ? matrices.get(0) : new StackedMatrix(matrices);
    return new Linear(all, biases.length == 0 ? null : biases);
  }
}
