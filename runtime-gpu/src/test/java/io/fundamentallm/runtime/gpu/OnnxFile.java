package io.fundamentallm.runtime.gpu;

import io.fundamentallm.internal.protobuf.Protobuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Builds an ONNX graph, node by node. Field numbers are those of onnx.proto. Operators of ONNX
 * Runtime have the name of their set before theirs, and a colon.
 */
final class OnnxFile {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;
  static final int FLOAT16 = 10;
  static final int DOUBLE = 11;
  static final int BFLOAT16 = 16;

  private final Protobuf graph = new Protobuf().text(2, "decoder");
  private int names;

  /** A free dimension is a String, a fixed one an Integer. */
  void input(String name, int type, Object... shape) {
    graph.message(11, value(name, type, shape));
  }

  void output(String name, int type, Object... shape) {
    graph.message(12, value(name, type, shape));
  }

  private static Protobuf value(String name, int type, Object... shape) {
    Protobuf dimensions = new Protobuf();
    for (Object size : shape) {
      dimensions.message(
          1,
          size instanceof Integer fixed
              ? new Protobuf().number(1, fixed)
              : new Protobuf().text(2, (String) size));
    }
    Protobuf tensor = new Protobuf().number(1, type).message(2, dimensions);
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  /** A weight; returns its name. */
  String floats(float[] values, int... shape) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor(FLOAT, raw.array(), shape);
  }

  /** A weight whose bytes lie in another file, from its beginning on. */
  String floatsOutside(String location, int length, int... shape) {
    String name = "c" + names++;
    Protobuf tensor = new Protobuf();
    for (int size : shape) {
      tensor.number(1, size);
    }
    tensor.number(2, FLOAT).text(8, name);
    tensor.message(13, new Protobuf().text(1, "location").text(2, location));
    tensor.message(13, new Protobuf().text(1, "offset").text(2, "0"));
    tensor.message(13, new Protobuf().text(1, "length").text(2, Integer.toString(length)));
    graph.message(5, tensor.number(14, 1));
    return name;
  }

  String bytes(byte[] values, int... shape) {
    return tensor(UINT8, values, shape);
  }

  String scalar(float value) {
    return floats(new float[] {value});
  }

  /** A list of numbers, one dimension. */
  String longs(long... values) {
    return longs(values, values.length);
  }

  String longScalar(long value) {
    return longs(new long[] {value});
  }

  private String longs(long[] values, int... shape) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return tensor(INT64, raw.array(), shape);
  }

  private String tensor(int type, byte[] raw, int... shape) {
    String name = "c" + names++;
    Protobuf tensor = new Protobuf();
    for (int size : shape) {
      tensor.number(1, size);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
    return name;
  }

  /** A node with one output, whose name is returned. */
  String node(String operator, String... inputs) {
    return node(operator, attributes -> {}, inputs);
  }

  /** A node with attributes, which the consumer adds to the node's message. */
  String node(String operator, Consumer<Protobuf> attributes, String... inputs) {
    String output = "n" + names++;
    named(output, operator, attributes, inputs);
    return output;
  }

  /** Gives a value another name, such as that of an output. */
  void rename(String value, String output) {
    named(output, "Identity", attributes -> {}, value);
  }

  private void named(
      String output, String operator, Consumer<Protobuf> attributes, String... inputs) {
    named(List.of(output), operator, attributes, inputs);
  }

  /** A node whose outputs get these names. */
  void named(
      List<String> outputs, String operator, Consumer<Protobuf> attributes, String... inputs) {
    Protobuf node = new Protobuf();
    for (String input : inputs) {
      node.text(1, input);
    }
    outputs.forEach(output -> node.text(2, output));
    int colon = operator.indexOf(':');
    node.text(4, operator.substring(colon + 1));
    if (colon > 0) {
      node.text(7, operator.substring(0, colon));
    }
    attributes.accept(node);
    graph.message(1, node);
  }

  static Consumer<Protobuf> integer(String name, long value) {
    Protobuf attribute = new Protobuf().text(1, name).number(3, value).number(20, 2);
    return node -> node.message(5, attribute);
  }

  static Consumer<Protobuf> integers(String name, long... values) {
    Protobuf attribute = new Protobuf().text(1, name);
    for (long value : values) {
      attribute.number(8, value);
    }
    attribute.number(20, 7);
    return node -> node.message(5, attribute);
  }

  /** IR version 8 with opset 17, the first that has LayerNormalization. */
  byte[] toBytes() {
    return new Protobuf()
        .number(1, 8)
        .message(7, graph)
        .message(8, new Protobuf().text(1, "").number(2, 17))
        .message(8, new Protobuf().text(1, "com.microsoft").number(2, 1))
        .toByteArray();
  }
}
