package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.MadeMatrices;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The matrices of a model that are quantised, with adapters beside some of them. A product gets the
 * sum of the dequantised matrix and its adapter; the gradient of that sum goes to the adapter
 * alone. One thread at a time.
 */
final class QuantizedMatrices implements MadeMatrices {
  /** Rows of a matrix that are one piece of work. */
  private static final int PART = 64;

  private final Parallel parallel;
  private final Adapters adapters;
  private final TreeMap<Integer, Entry> byAddress = new TreeMap<>();
  private final float[] made;
  private final float[] gradients;

  private record Entry(Tensor tensor, PackedWeights packed, Adapters.@Nullable Adapter adapter) {}

  QuantizedMatrices(
      TrainableConfig config,
      List<Tensor> tensors,
      List<PackedWeights> packed,
      Adapters adapters,
      Parallel parallel) {
    this.parallel = parallel;
    this.adapters = adapters;
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      Adapters.Adapter adapter =
          adapters.all().stream()
              .filter(own -> own.at() == tensor.offset())
              .findFirst()
              .orElse(null);
      byAddress.put(tensor.offset(), new Entry(tensor, packed.get(i), adapter));
    }
    made = new float[config.largestProduct()];
    gradients = new float[made.length];
    for (Entry entry : byAddress.values()) {
      if (entry.adapter != null && entry.adapter.update().decomposed()) {
        dequantize(entry, 0);
        adapters.magnitudes().measure(entry.adapter, made, 0);
      }
    }
  }

  /** Floats that all of it takes, besides the adapters. */
  long size() {
    long bytes = byAddress.values().stream().mapToLong(entry -> entry.packed.bytes()).sum();
    return bytes / Float.BYTES + made.length + gradients.length;
  }

  /** A hash of all numbers, before any update. */
  int hash() {
    int hash = 1;
    for (Entry entry : byAddress.values()) {
      dequantize(entry, 0);
      for (int row = 0; row < entry.packed.rows(); row++) {
        int columns = entry.packed.columns();
        int at = row * columns;
        hash = 31 * hash + Arrays.hashCode(Arrays.copyOfRange(made, at, at + columns));
      }
    }
    return hash;
  }

  private Collection<Entry> entries(int address, int size) {
    return byAddress.subMap(address, address + size).values();
  }

  @Override
  public void begin() {
    Arrays.fill(adapters.gradients(), 0f);
  }

  @Override
  public boolean trains(int address, int size) {
    return entries(address, size).stream().anyMatch(entry -> entry.adapter != null);
  }

  @Override
  public float[] make(int address, int size) {
    for (Entry entry : entries(address, size)) {
      int at = entry.tensor.offset() - address;
      dequantize(entry, at);
      if (entry.adapter != null) {
        adapters.apply(entry.adapter, made, at, made, at);
      }
    }
    return made;
  }

  private void dequantize(Entry entry, int at) {
    PackedWeights packed = entry.packed;
    int rows = packed.rows();
    parallel.run(
        (rows + PART - 1) / PART,
        (i, slot) -> {
          for (int row = i * PART; row < Math.min(rows, (i + 1) * PART); row++) {
            packed.row(row, made, at + row * packed.columns());
          }
        });
  }

  @Override
  public float[] gradients() {
    return gradients;
  }

  @Override
  public void take(int address, int size) {
    if (adapters.decomposed()) {
      make(address, size); // others may have been made since
    }
    for (Entry entry : entries(address, size)) {
      if (entry.adapter != null) {
        int at = entry.tensor.offset() - address;
        adapters.addGradients(entry.adapter, made, gradients, at);
      }
    }
  }
}
