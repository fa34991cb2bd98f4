package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.LayerTensors.ExpertTensors;
import io.fundamentallm.runtime.cpu.format.LayerTensors.LinearTensors;
import io.fundamentallm.runtime.cpu.format.tensor.MicroscaledMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.TransposedMatrix;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the experts of a layer that has all of them in one parameter, with a row of the gate and
 * one of what it multiplies by turns, as gpt-oss does. The parameter holds floats,
 * [experts][inputs] [outputs], or MXFP4: codes [experts][outputs][inputs / 32][16] and scales
 * [experts][outputs][inputs / 32].
 */
final class FusedExperts {
  private final ModelTensors tensors;
  private final int count;
  private final int channels;
  private final int inner;

  FusedExperts(ModelTensors tensors, int count, int channels, int inner) {
    this.tensors = tensors;
    this.count = count;
    this.channels = channels;
    this.inner = inner;
  }

  List<ExpertTensors> find(String gateUp, String down) throws IOException {
    List<ExpertTensors> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LinearTensors both = linear(gateUp, i, 2L * inner, channels);
      all.add(
          new ExpertTensors(
              both.outputs(0, 2, inner),
              both.outputs(1, 2, inner),
              linear(down, i, channels, inner)));
    }
    return all;
  }

  private LinearTensors linear(String name, int index, long outputs, int inputs)
      throws IOException {
    boolean blocks = tensors.has(name + "_blocks");
    Tensor weight =
        blocks
            ? tensors.takeBytes(name + "_blocks", 2, count, outputs, inputs / Matrix.BLOCK, 16)
            : tensors.take(name, count, inputs, outputs);
    Tensor bias = tensors.take(name + "_bias", count, outputs);
    if (outputs > Integer.MAX_VALUE || blocks && inputs % Matrix.BLOCK != 0) {
      throw weight.problem("holds no matrices [" + outputs + ", " + inputs + "]");
    }
    int rows = (int) outputs;
    Matrix base =
        blocks
            ? new MicroscaledMatrix(
                weight, scales(name, outputs, inputs), index * outputs, rows, inputs)
            : new TransposedMatrix(weight.slice(index, 1), rows, inputs);
    return new LinearTensors(weight, base, new TensorMatrix(bias.slice(index, 1), rows, 1), null);
  }

  private Tensor scales(String name, long outputs, int inputs) throws IOException {
    return tensors.takeBytes(name + "_scales", 0, count, outputs, inputs / Matrix.BLOCK);
  }
}
