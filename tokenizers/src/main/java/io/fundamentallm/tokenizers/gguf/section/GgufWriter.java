package io.fundamentallm.tokenizers.gguf.section;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Writes GGUF files, version 3, that have keys and no tensors. One thread at a time. */
public final class GgufWriter {
  private static final int MAGIC = 0x46554747;
  private static final int VERSION = 3;
  private static final int HEADER = 24;

  private static final int UINT8 = 0;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
  private int count;

  public GgufWriter string(String key, String value) {
    key(key, STRING);
    text(value);
    return this;
  }

  public GgufWriter uint32(String key, long value) {
    key(key, UINT32);
    int32((int) value);
    return this;
  }

  public GgufWriter bool(String key, boolean value) {
    key(key, BOOL);
    keys.write(value ? 1 : 0);
    return this;
  }

  public GgufWriter strings(String key, List<String> values) {
    array(key, STRING, values.size());
    values.forEach(this::text);
    return this;
  }

  public GgufWriter floats(String key, float... values) {
    array(key, FLOAT32, values.length);
    for (float value : values) {
      int32(Float.floatToIntBits(value));
    }
    return this;
  }

  public GgufWriter ints(String key, int... values) {
    array(key, INT32, values.length);
    for (int value : values) {
      int32(value);
    }
    return this;
  }

  public GgufWriter bytes(String key, byte... values) {
    array(key, UINT8, values.length);
    keys.writeBytes(values);
    return this;
  }

  /** The file. */
  public byte[] bytes() {
    byte[] body = keys.toByteArray();
    return ByteBuffer.allocate(HEADER + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MAGIC)
        .putInt(VERSION)
        .putLong(0)
        .putLong(count)
        .put(body)
        .array();
  }

  /** Replaces a file as a whole; its directory is created if missing. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, ByteBuffer.wrap(bytes()));
  }

  private void array(String key, int type, int length) {
    key(key, ARRAY);
    int32(type);
    int64(length);
  }

  public void key(String key, int type) {
    count++;
    text(key);
    int32(type);
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int64(utf8.length);
    keys.writeBytes(utf8);
  }

  public void int32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      keys.write(value >>> shift);
    }
  }

  public void int64(long value) {
    int32((int) value);
    int32((int) (value >>> 32));
  }
}
