package io.fundamentallm.runtime.gpu.ort;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes one message in Protocol Buffers' wire format: just what small ONNX files need. */
public final class Protobuf {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public Protobuf number(int field, long value) {
    varint(field << 3);
    varint(value);
    return this;
  }

  public Protobuf text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public Protobuf message(int field, Protobuf value) {
    return bytes(field, value.toBytes());
  }

  public Protobuf bytes(int field, byte[] value) {
    varint(field << 3 | 2);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
