package io.fundamentallm.benchmarks.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;

/** Numbers in the order of all three formats. */
final class LittleEndian {
  private static final int CHUNK = 1 << 16;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  LittleEndian u32(int value) {
    return number(value, 4);
  }

  LittleEndian u64(long value) {
    return number(value, 8);
  }

  LittleEndian f32(float value) {
    return number(Float.floatToIntBits(value), 4);
  }

  LittleEndian u8(int value) {
    bytes.write(value);
    return this;
  }

  /** Its length in eight bytes, then UTF-8. */
  LittleEndian text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    u64(utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  /** Zeros up to a multiple. */
  LittleEndian align(int multiple) {
    while (bytes.size() % multiple != 0) {
      bytes.write(0);
    }
    return this;
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  static byte[] bytes(float[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  static byte[] bytes(long value) {
    return new LittleEndian().u64(value).toByteArray();
  }

  /** Without a copy of the whole. */
  static void write(float[] values, OutputStream out) throws IOException {
    byte[] bytes = new byte[CHUNK];
    for (int at = 0; at < values.length; at += CHUNK / Float.BYTES) {
      int count = Math.min(CHUNK / Float.BYTES, values.length - at);
      FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      floats.put(values, at, count);
      out.write(bytes, 0, count * Float.BYTES);
    }
  }

  private LittleEndian number(long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes.write((int) (value >>> (8 * i)));
    }
    return this;
  }
}
