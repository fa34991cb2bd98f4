package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.internal.protobuf.Protobuf;
import java.util.List;
import java.util.stream.Stream;

/**
 * An operator with its attributes.
 *
 * @param domain of its operator set; empty for that of ONNX itself
 * @param attributes messages of the type AttributeProto
 */
record Operator(String domain, String name, List<Protobuf> attributes) {
  /** ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  private static final int FLOAT = 1;
  private static final int INT = 2;
  private static final int STRING = 3;
  private static final int INTS = 7;

  static Operator of(String name) {
    return new Operator("", name, List.of());
  }

  static Operator microsoft(String name) {
    return new Operator(MICROSOFT, name, List.of());
  }

  Operator with(String attribute, long value) {
    return with(new Protobuf().text(1, attribute).number(3, value).number(20, INT));
  }

  Operator with(String attribute, float value) {
    return with(new Protobuf().text(1, attribute).real(2, value).number(20, FLOAT));
  }

  Operator with(String attribute, String value) {
    return with(new Protobuf().text(1, attribute).text(4, value).number(20, STRING));
  }

  Operator withAll(String attribute, long... values) {
    Protobuf list = new Protobuf().text(1, attribute);
    for (long value : values) {
      list.number(8, value);
    }
    return with(list.number(20, INTS));
  }

  Operator with(String attribute, ElementType type) {
    return with(attribute, (long) type.number);
  }

  private Operator with(Protobuf attribute) {
    return new Operator(
        domain, name, Stream.concat(attributes.stream(), Stream.of(attribute)).toList());
  }
}
