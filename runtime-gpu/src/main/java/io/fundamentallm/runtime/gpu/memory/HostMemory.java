package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.gpu.graph.Slot;
import io.fundamentallm.runtime.gpu.ort.Engine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Keys and values in Java's direct buffers. */
public final class HostMemory implements Memory {
  private static final int LARGEST_BUFFER = Integer.MAX_VALUE - 8;

  private final OrtEnvironment environment;
  private final List<Slot> slots;
  private final RowCopy rowCopy;
  private final MemoryBudget budget;

  /** Bytes of a token in all slots. */
  private final long tokenBytes;

  public HostMemory(Engine engine, List<Slot> slots, MemoryBudget budget) {
    this.environment = engine.environment();
    this.slots = slots;
    this.rowCopy = new RowCopy(engine, slots);
    this.budget = budget;
    this.tokenBytes = slots.stream().mapToLong(slot -> slot.bytes(1)).sum();
  }

  @Override
  public String name() {
    return "in the memory of the host";
  }

  @Override
  public int maxRows(int width) {
    long largest = slots.stream().mapToLong(slot -> slot.bytes(width)).max().orElse(1);
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, LARGEST_BUFFER / Math.max(1, largest)));
  }

  @Override
  public RowCopy rowCopy() {
    return rowCopy;
  }

  @Override
  public Runnable count(int rows, int width) {
    return budget.reserve(bytes(rows, width));
  }

  private long bytes(int rows, int width) {
    return Math.multiplyExact(rows * tokenBytes, (long) width);
  }

  @Override
  public Rows allocate(int count, int width) {
    Runnable release = count(count, width);
    List<ByteBuffer> buffers = new ArrayList<>(slots.size());
    try {
      for (Slot slot : slots) {
        long size = count * slot.bytes(width);
        if (size > LARGEST_BUFFER) {
          throw new CacheFullException(
              count + " times " + width + " tokens of " + slot.past() + " take more than 2 GB");
        }
        buffers.add(ByteBuffer.allocateDirect((int) size).order(ByteOrder.nativeOrder()));
      }
      return new Buffers(count, width, buffers, release);
    } catch (OutOfMemoryError e) {
      release.run();
      throw new CacheFullException(
          "no room for "
              + bytes(count, width)
              + " bytes of keys and values outside the heap; -XX:MaxDirectMemorySize sets what"
              + " there is",
          e);
    } catch (RuntimeException | Error e) {
      release.run();
      throw e;
    }
  }

  @Override
  public void close() {
    rowCopy.close();
  }

  private final class Buffers extends Rows {
    private final List<ByteBuffer> buffers;
    private final Runnable release;

    Buffers(int count, int width, List<ByteBuffer> buffers, Runnable release) {
      super(count, width);
      this.buffers = buffers;
      this.release = release;
    }

    @Override
    public List<OnnxTensor> tensors(int from, int rows) throws OrtException {
      List<OnnxTensor> tensors = new ArrayList<>(slots.size());
      try {
        for (int i = 0; i < slots.size(); i++) {
          Slot slot = slots.get(i);
          int row = (int) slot.bytes(width());
          ByteBuffer part =
              buffers.get(i).slice(from * row, rows * row).order(ByteOrder.nativeOrder());
          tensors.add(
              OnnxTensor.createTensor(
                  environment, part, slot.shape(rows, width()), slot.precision().type()));
        }
      } catch (OrtException | RuntimeException | Error e) {
        tensors.forEach(OnnxTensor::close);
        throw e;
      }
      return tensors;
    }

    @Override
    public void copyTo(Rows target, int from, int to, int tokens) {
      Buffers other = (Buffers) target;
      for (int i = 0; i < slots.size(); i++) {
        Slot slot = slots.get(i);
        int token = slot.inner() * slot.precision().bytes();
        ByteBuffer source = buffers.get(i);
        ByteBuffer sink = other.buffers.get(i);
        for (int head = 0; head < slot.outer(); head++) {
          int read = (from * slot.outer() + head) * width() * token;
          int write = (to * slot.outer() + head) * other.width() * token;
          sink.put(write, source, read, tokens * token);
        }
      }
    }

    @Override
    public void clear() {
      for (ByteBuffer buffer : buffers) {
        int at = 0;
        for (; at <= buffer.capacity() - Long.BYTES; at += Long.BYTES) {
          buffer.putLong(at, 0);
        }
        for (; at < buffer.capacity(); at++) {
          buffer.put(at, (byte) 0);
        }
      }
    }

    /** The garbage collector frees the buffers. */
    @Override
    public void free() {
      release.run();
    }
  }
}
