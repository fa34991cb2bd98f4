package io.fundamentallm.benchmarks.models;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An ONNX graph under construction (onnx.proto, whose field numbers stand here). Weights go to a
 * file beside it as they come, so that no more than one of them is in memory.
 */
final class OnnxGraph implements AutoCloseable {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT32 = 6;
  static final int INT64 = 7;

  private static final String DATA = "model.onnx.data";

  private final Path directory;
  private final OutputStream data;
  private final Proto graph = new Proto().text(2, "decoder");
  private long at;
  private int nodes;

  OnnxGraph(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.data = new BufferedOutputStream(Files.newOutputStream(directory.resolve(DATA)));
  }

  /** An operator of ONNX itself with one output, whose name comes back. */
  String node(String operator, Map<String, Object> attributes, String... inputs) {
    String output = operator + "_" + nodes;
    node("", operator, attributes, List.of(inputs), List.of(output));
    return output;
  }

  /** An operator of ONNX Runtime's own. */
  String microsoft(String operator, Map<String, Object> attributes, String... inputs) {
    String output = operator + "_" + nodes;
    microsoft(operator, attributes, List.of(inputs), List.of(output));
    return output;
  }

  /** The same with any number of outputs; an empty name is one that nobody wants. */
  void microsoft(
      String operator, Map<String, Object> attributes, List<String> inputs, List<String> outputs) {
    node("com.microsoft", operator, attributes, inputs, outputs);
  }

  /** An operator of any domain. */
  void node(
      String domain,
      String operator,
      Map<String, Object> attributes,
      List<String> inputs,
      List<String> outputs) {
    Proto node = new Proto();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, operator + "_" + nodes).text(4, operator).text(7, domain);
    attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
    graph.message(1, node);
    nodes++;
  }

  private static Proto attribute(String name, Object value) {
    Proto attribute = new Proto().text(1, name);
    if (value instanceof Float real) {
      return attribute.real(2, real).number(20, 1);
    }
    return attribute.number(3, ((Number) value).longValue()).number(20, 2);
  }

  /** A tensor of floats in the file of weights. */
  String weight(String name, float[] values, int... shape) throws IOException {
    external(name, FLOAT, (long) values.length * Float.BYTES, shape);
    LittleEndian.write(values, data);
    return name;
  }

  /** A tensor of bytes in the file of weights. */
  String weight(String name, byte[] values, int... shape) throws IOException {
    external(name, UINT8, values.length, shape);
    data.write(values);
    return name;
  }

  /** One whole number, [1]. */
  String constant(String name, long value) {
    graph.message(
        5,
        new Proto()
            .number(1, 1)
            .number(2, INT64)
            .text(8, name)
            .bytes(9, LittleEndian.bytes(value)));
    return name;
  }

  private void external(String name, int type, long length, int... shape) {
    Proto tensor = new Proto();
    for (int size : shape) {
      tensor.number(1, size);
    }
    tensor.number(2, type).text(8, name).number(14, 1);
    tensor.message(13, pair("location", DATA));
    tensor.message(13, pair("offset", Long.toString(at)));
    tensor.message(13, pair("length", Long.toString(length)));
    graph.message(5, tensor);
    at += length;
  }

  private static Proto pair(String key, String value) {
    return new Proto().text(1, key).text(2, value);
  }

  /** A dimension is a number, or a name for one that varies. */
  void input(String name, int type, Object... shape) {
    graph.message(11, value(name, type, shape));
  }

  void output(String name, int type, Object... shape) {
    graph.message(12, value(name, type, shape));
  }

  private static Proto value(String name, int type, Object... shape) {
    Proto dimensions = new Proto();
    for (Object size : shape) {
      dimensions.message(
          1,
          size instanceof Integer number
              ? new Proto().number(1, number)
              : new Proto().text(2, size.toString()));
    }
    Proto tensor = new Proto().number(1, type).message(2, dimensions);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }

  /** Writes the graph: IR 10, opset 21. */
  void write() throws IOException {
    Proto model =
        new Proto()
            .number(1, 10)
            .message(7, graph)
            .message(8, new Proto().text(1, "").number(2, 21))
            .message(8, new Proto().text(1, "com.microsoft").number(2, 1));
    Files.write(directory.resolve("model.onnx"), model.toByteArray());
  }

  @Override
  public void close() throws IOException {
    data.close();
  }
}
