package io.fundamentallm.runtime.cpu.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A constant of a graph. Its bytes exist only while they are written.
 *
 * @param name unique in the graph
 * @param shape row-major
 */
record Weight(String name, ElementType type, List<Long> shape, Content content) {

  /** Writes a tensor's bytes, all of them, once. */
  interface Content {
    void write(Region into) throws IOException;
  }

  /** Bytes of the tensor. */
  long length() {
    return shape.stream().reduce((long) type.bytes, Math::multiplyExact);
  }

  static Weight floats(String name, float... values) {
    return new Weight(
        name,
        ElementType.FLOAT,
        List.of((long) values.length),
        into -> into.floats(0, values, 0, values.length));
  }

  static Weight doubles(String name, double... values) {
    ByteBuffer bytes = allocate(values.length);
    bytes.asDoubleBuffer().put(values);
    return of(name, ElementType.DOUBLE, bytes.array(), List.of((long) values.length));
  }

  /** A list of whole numbers. */
  static Weight numbers(String name, long... values) {
    ByteBuffer bytes = allocate(values.length);
    bytes.asLongBuffer().put(values);
    return of(name, ElementType.INT64, bytes.array(), List.of((long) values.length));
  }

  /** One whole number, without dimensions. */
  static Weight number(String name, long value) {
    return of(name, ElementType.INT64, allocate(1).putLong(value).array(), List.of());
  }

  static Weight of(String name, ElementType type, byte[] bytes, List<Long> shape) {
    return new Weight(name, type, shape, into -> into.bytes(0, bytes, 0, bytes.length));
  }

  private static ByteBuffer allocate(int count) {
    return ByteBuffer.allocate(Math.multiplyExact(count, Long.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
