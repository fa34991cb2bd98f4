package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Memory of the device that ONNX Runtime computes on, allocated by ONNX Runtime. All of it goes
 * when this is closed, whoever still has some.
 */
final class DeviceMemory implements Memory {
  private final OrtApi api;
  private final List<Slot> slots;
  private final RowCopy copy;
  private final Budget budget;
  private final Memory host;
  private final Set<Blocks> live = new HashSet<>(); // guarded by itself

  /** Takes over the interface. */
  DeviceMemory(Engine engine, OrtApi api, List<Slot> slots, Budget budget) throws OrtException {
    this.api = api;
    this.slots = slots;
    this.copy = new RowCopy(engine, slots);
    this.budget = budget;
    this.host = new HostMemory(engine.environment(), slots, budget);
  }

  @Override
  public String name() {
    return "in the memory of the device";
  }

  @Override
  public Runnable count(int rows, int width) {
    return budget.take(rows * slots.stream().mapToLong(slot -> slot.bytes(width)).sum());
  }

  @Override
  public int mostRows(int width) {
    return Integer.MAX_VALUE;
  }

  @Override
  public Rows allocate(int count, int width) {
    Runnable giveBack = count(count, width);
    List<OrtApi.Block> blocks = new ArrayList<>(slots.size());
    try {
      for (Slot slot : slots) {
        // no memory is no tensor
        blocks.add(api.allocate(Math.max(1, count * slot.bytes(width))));
      }
    } catch (RuntimeException e) {
      blocks.forEach(OrtApi.Block::free);
      giveBack.run();
      throw e;
    }
    Blocks rows = new Blocks(count, width, blocks, giveBack);
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
    copy.close();
    api.close();
  }

  private final class Blocks implements Rows {
    private final int count;
    private final int width;
    private final List<OrtApi.Block> blocks;
    private final Runnable giveBack;

    Blocks(int count, int width, List<OrtApi.Block> blocks, Runnable giveBack) {
      this.count = count;
      this.width = width;
      this.blocks = blocks;
      this.giveBack = giveBack;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public int width() {
      return width;
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
                      slot.precision().type(), from * slot.bytes(width), slot.shape(rows, width)));
        }
      } catch (RuntimeException e) {
        tensors.forEach(OnnxTensor::close);
        throw e;
      }
      return tensors;
    }

    @Override
    public void clear() throws OrtException {
      Rows zero = host.allocate(1, 1);
      List<OnnxTensor> token = zero.tensors(0, 1);
      try {
        for (int row = 0; row < count; row++) {
          List<OnnxTensor> sink = tensors(row, 1);
          try {
            copy.copy(token, 0, 0, 1, sink, width, 0);
          } finally {
            sink.forEach(OnnxTensor::close);
          }
        }
      } finally {
        token.forEach(OnnxTensor::close);
        zero.free();
      }
    }

    @Override
    public void copyTo(Rows target, int from, int to, int tokens) throws OrtException {
      List<OnnxTensor> source = tensors(from, 1);
      List<OnnxTensor> sink = target.tensors(to, 1);
      try {
        copy.copy(source, 0, 0, tokens, sink, target.width(), 0);
      } finally {
        source.forEach(OnnxTensor::close);
        sink.forEach(OnnxTensor::close);
      }
    }

    @Override
    public void free() {
      synchronized (live) {
        if (live.remove(this)) {
          blocks.forEach(OrtApi.Block::free);
          giveBack.run();
        }
      }
    }
  }
}
