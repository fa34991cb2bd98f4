package io.fundamentallm.internal.protobuf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A message in Protocol Buffers' wire format, written field by field. One thread at a time. */
public final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public Protobuf number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  public Protobuf real(int field, float value) {
    tag(field, FIXED32);
    little(Float.floatToIntBits(value), Float.BYTES);
    return this;
  }

  public Protobuf real(int field, double value) {
    tag(field, FIXED64);
    little(Double.doubleToLongBits(value), Double.BYTES);
    return this;
  }

  private void little(long bits, int count) {
    for (int i = 0; i < count; i++) {
      bytes.write((int) (bits >>> (i * Byte.SIZE)));
    }
  }

  public Protobuf text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public Protobuf message(int field, Protobuf value) {
    return bytes(field, value.toByteArray());
  }

  public Protobuf bytes(int field, byte[] value) {
    return announce(field, value.length).append(value);
  }

  /** Adds fields that are already encoded, or the bytes of an announced one. */
  public Protobuf append(byte[] encoded) {
    bytes.writeBytes(encoded);
    return this;
  }

  /** The beginning of a field whose bytes are written after this message. */
  public Protobuf announce(int field, long length) {
    tag(field, LENGTH);
    varint(length);
    return this;
  }

  public byte[] toByteArray() {
    return bytes.toByteArray();
  }

  private void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
