package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Objects;

/** The bytes of one tensor in a file; written in any order, little-endian. One thread at a time. */
final class Region {
  private static final int CHUNK = 1 << 18;

  private final FileChannel channel;
  private final long start;
  private final long length;
  private final ByteBuffer buffer;

  Region(FileChannel channel, long start, long length, ByteBuffer buffer) {
    this.channel = channel;
    this.start = start;
    this.length = length;
    this.buffer = buffer;
  }

  /** What all regions of a file may share. */
  static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes floats.
   *
   * @param element where the first goes, counted in floats
   */
  void floats(long element, float[] values, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int part = Math.min(CHUNK / Float.BYTES, count - done);
      buffer.clear();
      buffer.asFloatBuffer().put(values, from + done, part);
      write((element + done) * Float.BYTES, part * Float.BYTES);
      done += part;
    }
  }

  /** Writes floats as 16-bit ones; otherwise the same as {@link #floats}. */
  void halves(long element, float[] values, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int part = Math.min(CHUNK / Short.BYTES, count - done);
      buffer.clear();
      for (int i = 0; i < part; i++) {
        buffer.putShort(Half.fromFloat(values[from + done + i]));
      }
      write((element + done) * Short.BYTES, part * Short.BYTES);
      done += part;
    }
  }

  /** Writes bytes, the first at an index. */
  void bytes(long at, byte[] values, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int part = Math.min(CHUNK, count - done);
      buffer.clear().put(values, from + done, part);
      write(at + done, part);
      done += part;
    }
  }

  private void write(long at, int count) throws IOException {
    Objects.checkFromIndexSize(at, count, length);
    buffer.position(0).limit(count);
    for (long to = start + at; buffer.hasRemaining(); ) {
      to += channel.write(buffer, to);
    }
  }
}
