package io.fundamentallm.runtime.cpu.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Writes GGUF: keys, the tensors' descriptions, the tensors. */
final class GgufFile {
  private static final int ALIGNMENT = 32;

  private final Bytes keys = new Bytes();
  private final Bytes descriptions = new Bytes();
  private final Bytes data = new Bytes();
  private int keyCount;
  private int tensorCount;

  GgufFile uint32(String key, int value) {
    return key(key, 4, value);
  }

  /** The same key with another value, or a key more. */
  GgufFile again(String key, int value) {
    byte[] all = keys.toByteArray();
    byte[] name = new Bytes().text(key).toByteArray();
    for (int at = 0; at + name.length + 8 <= all.length; at++) {
      if (Arrays.equals(all, at, at + name.length, name, 0, name.length)) {
        ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(at + name.length + 4, value);
        keys.reset();
        keys.writeBytes(all);
        return this;
      }
    }
    return uint32(key, value);
  }

  GgufFile float32(String key, double value) {
    return key(key, 6, Float.floatToIntBits((float) value));
  }

  GgufFile text(String key, String value) {
    keyCount++;
    keys.text(key).int32(8).text(value);
    return this;
  }

  GgufFile bool(String key, boolean value) {
    keyCount++;
    keys.text(key).int32(7).write(value ? 1 : 0);
    return this;
  }

  GgufFile texts(String key, List<String> values) {
    array(key, 8, values.size());
    values.forEach(keys::text);
    return this;
  }

  GgufFile float32s(String key, float[] values) {
    array(key, 6, values.length);
    for (float value : values) {
      keys.int32(Float.floatToIntBits(value));
    }
    return this;
  }

  GgufFile int32s(String key, int[] values) {
    array(key, 5, values.length);
    for (int value : values) {
      keys.int32(value);
    }
    return this;
  }

  /** A tensor; the file names its dimensions fastest first. */
  GgufFile tensor(String name, Tensor tensor, Precision precision) {
    tensorCount++;
    data.align();
    descriptions.text(name).int32(tensor.shape().length);
    for (int i = tensor.shape().length - 1; i >= 0; i--) {
      descriptions.int64(tensor.shape()[i]);
    }
    descriptions.int32(precision.ggmlType).int64(data.size());
    data.writeBytes(precision.bytes(tensor.values()));
    return this;
  }

  void write(Path file) throws IOException {
    write(3, file);
  }

  /** Versions 2 and 3 differ in nothing but the number, for files in little-endian order. */
  void write(int version, Path file) throws IOException {
    Bytes out = new Bytes();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.int32(version).int64(tensorCount).int64(keyCount);
    out.writeBytes(keys.toByteArray());
    out.writeBytes(descriptions.toByteArray());
    out.align();
    out.writeBytes(data.toByteArray());
    out.align();
    Files.createDirectories(file.getParent());
    Files.write(file, out.toByteArray());
  }

  private GgufFile key(String key, int type, int bits) {
    keyCount++;
    keys.text(key).int32(type).int32(bits);
    return this;
  }

  private void array(String key, int type, int length) {
    keyCount++;
    keys.text(key).int32(9).int32(type).int64(length);
  }

  private static final class Bytes extends ByteArrayOutputStream {
    Bytes int32(int value) {
      writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
      return this;
    }

    Bytes int64(long value) {
      writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
      return this;
    }

    Bytes text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int64(bytes.length).writeBytes(bytes);
      return this;
    }

    void align() {
      while (size() % ALIGNMENT != 0) {
        write(0);
      }
    }
  }
}
