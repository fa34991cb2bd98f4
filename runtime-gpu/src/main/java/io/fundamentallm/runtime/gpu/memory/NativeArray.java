package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Numbers in native memory that go into runs or come out of them. The array is reused from run to
 * run and grows by doubling; otherwise each token of a sequence would allocate. Belongs to one run
 * at a time.
 */
public final class NativeArray implements AutoCloseable {
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private final OrtEnvironment environment;
  private final OnnxJavaType type;
  private final IntFunction<Held> memory;
  private Held held = direct(0);
  private ByteBuffer buffer = held.buffer;
  private @Nullable OnnxTensor tensor;

  /** Host memory that has to be freed. */
  public record Held(ByteBuffer buffer, Runnable free) {}

  public NativeArray(OrtEnvironment environment, OnnxJavaType type, IntFunction<Held> memory) {
    this.environment = environment;
    this.type = type;
    this.memory = memory;
  }

  /** An array of INT64 or INT32. */
  public static NativeArray ofIds(OrtEnvironment environment, OnnxJavaType type) {
    return new NativeArray(environment, type, NativeArray::direct);
  }

  /** Makes room for this many numbers. Growing loses the content. */
  public void reserve(int count) {
    long needed = (long) count * type.size;
    if (buffer.capacity() < needed) {
      if (needed > MAX_BYTES) {
        throw new IllegalStateException(
            count + " numbers of a run take more than 2 GB; bring fewer tokens at a time");
      }
      close();
      held = memory.apply((int) Math.min(MAX_BYTES, Math.max(needed, 2L * buffer.capacity())));
      buffer = held.buffer.order(ByteOrder.nativeOrder());
    }
  }

  /** How many numbers there is room for. */
  public int capacity() {
    return buffer.capacity() / type.size;
  }

  /** Sets a whole number. */
  public void put(int index, long value) {
    if (type == OnnxJavaType.INT64) {
      buffer.putLong(index * Long.BYTES, value);
    } else {
      buffer.putInt(index * Integer.BYTES, (int) value);
    }
  }

  /** All of it, from 0. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** The first numbers as a tensor. The array owns it, and closes it when asked for the next. */
  public OnnxTensor tensor(long... shape) throws OrtException {
    if (tensor == null || !Arrays.equals(tensor.getInfo().getShape(), shape)) {
      closeTensor();
      int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
      ByteBuffer part = buffer.slice(0, count * type.size).order(ByteOrder.nativeOrder());
      tensor = OnnxTensor.createTensor(environment, part, shape, type);
    }
    return tensor;
  }

  private void closeTensor() {
    if (tensor != null) {
      tensor.close();
      tensor = null;
    }
  }

  /** Memory that the garbage collector frees. */
  public static Held direct(int bytes) {
    return new Held(ByteBuffer.allocateDirect(bytes), () -> {});
  }

  @Override
  public void close() {
    closeTensor();
    held.free.run();
    held = direct(0);
    buffer = held.buffer;
  }
}
