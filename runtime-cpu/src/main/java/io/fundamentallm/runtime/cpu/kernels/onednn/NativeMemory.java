package io.fundamentallm.runtime.cpu.kernels.onednn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Memory outside the heap, seen as numbers of several sizes. The JVM counts it as direct memory,
 * whose limit is {@code -XX:MaxDirectMemorySize}, and frees it when nothing refers to it. Threads
 * may use different parts of it by methods that take an index.
 */
public final class NativeMemory {
  /** Begins with a cache line. */
  private static final int ALIGNMENT = 64;

  final ByteBuffer bytes;
  private final ShortBuffer shorts;
  private final IntBuffer ints;
  private final FloatBuffer floats;

  /** Zeros, of at least so many bytes: whole cache lines. */
  public NativeMemory(int size) {
    bytes =
        ByteBuffer.allocateDirect(Math.addExact(size, 2 * ALIGNMENT - 1))
            .alignedSlice(ALIGNMENT)
            .order(ByteOrder.nativeOrder());
    shorts = bytes.asShortBuffer();
    ints = bytes.asIntBuffer();
    floats = bytes.asFloatBuffer();
  }

  /** Bytes. */
  public int size() {
    return bytes.capacity();
  }

  /** As 16-bit numbers. */
  public ShortBuffer shorts() {
    return shorts;
  }

  /** As 32-bit integers. */
  public IntBuffer ints() {
    return ints;
  }

  /** As 32-bit floats. */
  public FloatBuffer floats() {
    return floats;
  }
}
