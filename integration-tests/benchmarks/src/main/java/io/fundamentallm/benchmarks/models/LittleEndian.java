package io.fundamentallm.benchmarks.models;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in the order of all formats. */
final class LittleEndian {
  private static final int CHUNK = 1 << 14;

  private LittleEndian() {}

  static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** Without a copy of the whole. */
  static void write(float[] values, OutputStream out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += CHUNK) {
      int count = Math.min(CHUNK, values.length - at);
      bytes.asFloatBuffer().put(values, at, count);
      out.write(bytes.array(), 0, count * Float.BYTES);
    }
  }

  /** The upper halves of floats, cut off: BF16. */
  static void writeHalves(float[] values, OutputStream out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += CHUNK) {
      int count = Math.min(CHUNK, values.length - at);
      for (int i = 0; i < count; i++) {
        bytes.putShort(i * Short.BYTES, (short) (Float.floatToRawIntBits(values[at + i]) >>> 16));
      }
      out.write(bytes.array(), 0, count * Short.BYTES);
    }
  }
}
