package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Output;
import io.fundamentallm.runtime.gpu.graph.Slot;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.OrtApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a device computes. Those of a whole prompt stay on the device; only the needed ones are
 * copied to host memory, which the device can write directly. Thread-safe.
 */
public final class DeviceRows implements AutoCloseable {
  private final DeviceMemory memory;
  private final @Nullable OrtApi pinned;

  /** For an output of a graph. */
  public DeviceRows(Engine engine, Output output) {
    long[] shape = {1, 0, output.width()};
    Slot slot = new Slot(output.name(), output.name(), output.precision(), shape, 1, 0);
    this.memory = new DeviceMemory(engine, List.of(slot), MemoryBudget.unlimited());
    this.pinned = engine.pinnedApi();
  }

  /** Host memory, which the caller frees. */
  public NativeArray.Held hostMemory(int bytes) {
    if (pinned == null) {
      return NativeArray.direct(bytes);
    }
    OrtApi.Block block = pinned.allocate(Math.max(1, bytes));
    return new NativeArray.Held(block.bytes(bytes), block::free);
  }

  /** Device memory for the rows of one run. */
  public Allocation allocation(int rows, int columns) throws OrtException {
    Memory.Rows allocation = memory.allocate(rows, columns);
    try {
      return new Allocation(allocation, allocation.tensors(0, rows));
    } catch (OrtException | RuntimeException | Error e) {
      allocation.free();
      throw e;
    }
  }

  /** Belongs to one run. */
  public final class Allocation {
    private final Memory.Rows rows;
    private final List<OnnxTensor> tensors;

    private Allocation(Memory.Rows rows, List<OnnxTensor> tensors) {
      this.rows = rows;
      this.tensors = tensors;
    }

    public OnnxTensor tensor() {
      return tensors.get(0);
    }

    /** Copies some columns of a row. */
    public void copy(int row, int first, int count, OnnxTensor into) throws OrtException {
      memory.rowCopy().copy(tensors, row, first, count, List.of(into), count, 0);
    }

    public void free() {
      tensors.forEach(OnnxTensor::close);
      rows.free();
    }
  }

  @Override
  public void close() {
    memory.close();
    if (pinned != null) {
      pinned.close();
    }
  }
}
