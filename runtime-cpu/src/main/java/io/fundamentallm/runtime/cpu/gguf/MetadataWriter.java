package io.fundamentallm.runtime.cpu.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** Keys of a GGUF file and their values, as bytes. One thread at a time. */
final class MetadataWriter {
  private static final int UINT32 = 4;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Set<String> keys = new LinkedHashSet<>();
  private long more;

  MetadataWriter text(String key, String value) {
    key(key, STRING);
    text(value);
    return this;
  }

  MetadataWriter number(String key, long value) {
    if (value < 0 || value > 0xFFFFFFFFL) {
      throw new IllegalArgumentException(key + " " + value + " is outside 32 bits");
    }
    key(key, UINT32);
    int32((int) value);
    return this;
  }

  MetadataWriter real(String key, double value) {
    key(key, FLOAT32);
    int32(Float.floatToIntBits((float) value));
    return this;
  }

  MetadataWriter flag(String key, boolean value) {
    key(key, BOOL);
    bytes.write(value ? 1 : 0);
    return this;
  }

  /** Adds keys that are written already. */
  void append(byte[] written, long count) {
    bytes.writeBytes(written);
    more += count;
  }

  long count() {
    return keys.size() + more;
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  private void key(String key, int type) {
    if (!keys.add(key)) {
      throw new IllegalArgumentException("the key " + key + " occurs twice");
    }
    text(key);
    int32(type);
  }

  void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int64(utf8.length);
    bytes.writeBytes(utf8);
  }

  void int32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.write(value >>> shift);
    }
  }

  void int64(long value) {
    int32((int) value);
    int32((int) (value >>> 32));
  }
}
