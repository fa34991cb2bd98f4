package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.AdaptedLayer;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The factors of a LoRA adapter under the names of llama.cpp's converter. */
final class AdapterTensors {
  private AdapterTensors() {}

  /** What llama.cpp divides by a layer's rank to scale its product. */
  static double alpha(List<AdaptedLayer> layers) {
    return layers.isEmpty() ? 1 : (double) layers.get(0).scale() * layers.get(0).rank();
  }

  static List<TensorFile.Entry> of(List<AdaptedLayer> layers, ModelKeys keys, int headSize) {
    List<TensorFile.Entry> entries = new ArrayList<>();
    for (AdaptedLayer layer : layers) {
      // there is one alpha for all: where a layer has its own, the factor takes the difference
      float more = (float) (layer.scale() * layer.rank() / alpha(layers));
      float[] second = layer.b().clone();
      for (int i = 0; more != 1 && i < second.length; i++) {
        second[i] *= more;
      }
      Matrix b = new Values(second, layer.rank());
      boolean paired = layer.name().endsWith("attn_q") || layer.name().endsWith("attn_k");
      if (paired && keys.interleaved() > 0) {
        b = new KeyRows(b, 0, b.rows(), headSize);
      }
      Matrix a = new Values(layer.a(), layer.a().length / layer.rank());
      entries.add(entry(layer.name() + ".weight.lora_a", a));
      entries.add(entry(layer.name() + ".weight.lora_b", b));
    }
    return entries;
  }

  private static TensorFile.Entry entry(String name, Matrix matrix) {
    FileTensor tensor = FileTensor.of(name, FileTensor.Role.EXACT, 0, matrix);
    return new TensorFile.Entry(tensor, TensorType.F32, null);
  }

  /** A matrix in memory. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Values(float[] values, int columns) implements Matrix {
    @Override
    public int rows() {
      return values.length / columns;
    }

    @Override
    public void read(int row, int count, float[] into) {
      Objects.checkFromIndexSize(row, count, rows());
      System.arraycopy(values, row * columns, into, 0, count * columns);
    }
  }
}
