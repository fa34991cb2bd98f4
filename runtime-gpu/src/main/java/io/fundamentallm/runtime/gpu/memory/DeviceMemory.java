package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.gpu.graph.Slot;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.OrtApi;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Memory of the device that ONNX Runtime computes on, allocated by ONNX Runtime. Closing this frees
 * all of it, even what is still in use.
 */
public final class DeviceMemory implements Memory {
  private final OrtApi api;
  private final List<Slot> slots;
  private final Memory host;
  private final Set<Blocks> live = new HashSet<>(); // guarded by itself

  public DeviceMemory(Engine engine, List<Slot> slots, MemoryBudget budget) {
    this.slots = slots;
    this.host = new HostMemory(engine, slots, budget);
    this.api = engine.deviceApi();
  }

  @Override
  public String name() {
    return "in the memory of the device";
  }

  @Override
  public RowCopy rowCopy() {
    return host.rowCopy();
  }

  @Override
  public Runnable count(int rows, int width) {
    return host.count(rows, width);
  }

  @Override
  public int maxRows(int width) {
    return Integer.MAX_VALUE;
  }

  @Override
  public Rows allocate(int count, int width) {
    Runnable release = count(count, width);
    List<OrtApi.Block> blocks = new ArrayList<>(slots.size());
    try {
      for (Slot slot : slots) {
        // a tensor cannot have zero bytes
        blocks.add(api.allocate(Math.max(1, count * slot.bytes(width))));
      }
    } catch (RuntimeException e) {
      blocks.forEach(OrtApi.Block::free);
      release.run();
      throw new CacheFullException(count + " times " + width + " tokens: " + e.getMessage(), e);
    } catch (Error e) {
      blocks.forEach(OrtApi.Block::free);
      release.run();
      throw e;
    }
    Blocks rows = new Blocks(count, width, blocks, release);
    synchronized (live) {
      live.add(rows);
    }
    return rows;
  }

  @Override
  public void close() {
    synchronized (live) {
      List.copyOf(live).forEach(Blocks::free);
    }
    host.close();
    api.close();
  }

  private final class Blocks extends Rows {
    private final List<OrtApi.Block> blocks;
    private final Runnable release;

    Blocks(int count, int width, List<OrtApi.Block> blocks, Runnable release) {
      super(count, width);
      this.blocks = blocks;
      this.release = release;
    }

    @Override
    public List<OnnxTensor> tensors(int from, int rows) {
      List<OnnxTensor> tensors = new ArrayList<>(slots.size());
      try {
        for (int i = 0; i < slots.size(); i++) {
          Slot slot = slots.get(i);
          tensors.add(
              blocks
                  .get(i)
                  .tensor(
                      slot.precision().type(),
                      from * slot.bytes(width()),
                      slot.shape(rows, width())));
        }
      } catch (RuntimeException | Error e) {
        tensors.forEach(OnnxTensor::close);
        throw e;
      }
      return tensors;
    }

    @Override
    public void clear() throws OrtException {
      Rows zero = host.allocate(1, 1);
      try {
        for (int row = 0; row < count(); row++) {
          copy(zero, 0, 1, this, row);
        }
      } finally {
        zero.free();
      }
    }

    @Override
    public void copyTo(Rows target, int from, int to, int tokens) throws OrtException {
      copy(this, from, tokens, target, to);
    }

    private void copy(Rows source, int from, int tokens, Rows target, int to) throws OrtException {
      List<OnnxTensor> row = source.tensors(from, 1);
      try {
        List<OnnxTensor> sink = target.tensors(to, 1);
        try {
          rowCopy().copy(row, 0, 0, tokens, sink, target.width(), 0);
        } finally {
          sink.forEach(OnnxTensor::close);
        }
      } finally {
        row.forEach(OnnxTensor::close);
      }
    }

    @Override
    public void free() {
      synchronized (live) {
        if (live.remove(this)) {
          blocks.forEach(OrtApi.Block::free);
          release.run();
        }
      }
    }
  }
}
