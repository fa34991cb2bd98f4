package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.fundamentallm.runtime.gpu.cache.PastSequence;
import io.fundamentallm.runtime.gpu.cache.Turn;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Output;
import io.fundamentallm.runtime.gpu.graph.Precision;
import io.fundamentallm.runtime.gpu.memory.DeviceRows;
import io.fundamentallm.runtime.gpu.memory.NativeArray;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An output of runs with a row for each token. Belongs to one run at a time. */
final class RunRows implements AutoCloseable {
  private final Output output;
  private final @Nullable DeviceRows device;
  private final NativeArray numbers;
  private DeviceRows.@Nullable Allocation allocation;

  /**
   * Memory for rows.
   *
   * @param device if they are computed by a device that has its own memory
   */
  RunRows(OrtEnvironment environment, Output output, @Nullable DeviceRows device) {
    this.output = output;
    this.device = device;
    Precision precision = output.precision();
    this.numbers =
        new NativeArray(
            environment,
            precision.type(),
            device == null ? NativeArray::direct : device::hostMemory);
  }

  /**
   * Adds room for this many columns to the outputs of a run.
   *
   * @param all whether every one of them is needed
   */
  void pin(int rows, int columns, boolean all, Map<String, OnnxTensor> pinned) throws OrtException {
    if (device != null && !all) {
      allocation = device.allocation(rows, columns);
      pinned.put(output.name(), allocation.tensor());
      return;
    }
    long count = (long) rows * columns * output.width();
    if (count > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "the graph gives "
              + output.name()
              + " of all "
              + columns
              + " tokens at once, more than 2 GB; exported with its cache it takes them in parts");
    }
    numbers.reserve((int) count);
    pinned.put(output.name(), numbers.tensor(rows, columns, output.width()));
  }

  /**
   * Reads what sequences need.
   *
   * @param wanted the rows of a sequence
   * @param columns of the run
   * @param kept how many of the last columns came out
   */
  void read(
      List<? extends PastSequence<?>> sequences,
      Function<PastSequence<?>, float[][]> wanted,
      Turn<?> turn,
      boolean padsLeft,
      int columns,
      int kept)
      throws OrtException {
    for (int i = 0; i < sequences.size(); i++) {
      PastSequence<?> sequence = sequences.get(i);
      float[][] rows = wanted.apply(sequence);
      int count = sequence.wanted(rows);
      int end = padsLeft ? columns : sequence.count();
      int column = end - count - (columns - kept);
      int first = turn.row(i) * kept + column;
      if (allocation != null && count > 0) {
        numbers.reserve(count * output.width());
        allocation.copy(turn.row(i), column, count, numbers.tensor(1, count, output.width()));
        first = 0;
      }
      int skipped = rows.length - count;
      for (int row = 0; row < count; row++) {
        int from = (first + row) * output.width();
        output.precision().read(numbers.buffer(), from, rows[skipped + row]);
      }
    }
  }

  /** To be called after a run, however it ended. */
  void reset() {
    if (allocation != null) {
      allocation.free();
      allocation = null;
    }
  }

  @Override
  public void close() {
    numbers.close();
  }
}
