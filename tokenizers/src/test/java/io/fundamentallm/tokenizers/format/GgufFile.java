package io.fundamentallm.tokenizers.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes small GGUF files. */
final class GgufFile {
  private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
  private int count;

  GgufFile string(String key, String value) {
    key(key, 8);
    text(value);
    return this;
  }

  GgufFile uint32(String key, long value) {
    key(key, 4);
    int32((int) value);
    return this;
  }

  GgufFile bool(String key, boolean value) {
    key(key, 7);
    keys.write(value ? 1 : 0);
    return this;
  }

  GgufFile strings(String key, List<String> values) {
    key(key, 9);
    int32(8);
    int64(values.size());
    values.forEach(this::text);
    return this;
  }

  GgufFile floats(String key, float... values) {
    key(key, 9);
    int32(6);
    int64(values.length);
    for (float value : values) {
      int32(Float.floatToIntBits(value));
    }
    return this;
  }

  GgufFile ints(String key, int... values) {
    key(key, 9);
    int32(5);
    int64(values.length);
    for (int value : values) {
      int32(value);
    }
    return this;
  }

  GgufFile nestedArrays(String key, int depth) {
    key(key, 9);
    for (int i = 0; i < depth; i++) {
      int32(9);
      int64(1);
    }
    int32(0);
    int64(0);
    return this;
  }

  /** An array that announces so many strings, and has none. */
  GgufFile announcedStrings(String key, long announced) {
    key(key, 9);
    int32(8);
    int64(announced);
    return this;
  }

  byte[] bytes() {
    byte[] body = keys.toByteArray();
    return ByteBuffer.allocate(24 + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0x46554747)
        .putInt(3)
        .putLong(0)
        .putLong(count)
        .put(body)
        .array();
  }

  private void key(String key, int type) {
    count++;
    text(key);
    int32(type);
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int64(utf8.length);
    keys.writeBytes(utf8);
  }

  private void int32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      keys.write(value >>> shift);
    }
  }

  private void int64(long value) {
    int32((int) value);
    int32((int) (value >>> 32));
  }
}
