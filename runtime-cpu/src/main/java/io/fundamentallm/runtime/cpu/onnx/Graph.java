package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.internal.protobuf.Protobuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An ONNX graph under construction (GraphProto of onnx.proto, with its field numbers). Constants
 * are kept apart, since their bytes are written last. Not thread-safe.
 */
final class Graph {
  private static final int NODE = 1;
  private static final int NAME = 2;
  private static final int INPUT = 11;
  private static final int OUTPUT = 12;

  private final Protobuf message = new Protobuf().text(NAME, "decoder");
  private final List<Weight> weights = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private int nodes;

  /** Adds a node with one output, and returns the output's name. */
  String add(Operator operator, String... inputs) {
    String output = operator.name() + "_" + nodes;
    add(operator, Arrays.asList(inputs), List.of(output));
    return output;
  }

  /** Adds a node of an ONNX operator without attributes. */
  String add(String operator, String... inputs) {
    return add(Operator.of(operator), inputs);
  }

  /** Adds a node. An empty name omits an input or output. */
  void add(Operator operator, List<String> inputs, List<String> outputs) {
    Protobuf node = new Protobuf();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, operator.name() + "_" + nodes).text(4, operator.name());
    operator.attributes().forEach(attribute -> node.message(5, attribute));
    node.text(7, operator.domain());
    message.message(NODE, node);
    nodes++;
  }

  /** Adds a constant, once for each name, and returns the name. */
  String weight(Weight weight) {
    if (names.add(weight.name())) {
      weights.add(weight);
    }
    return weight.name();
  }

  /** A constant list of whole numbers. */
  String numbers(long... values) {
    return weight(Weight.numbers(Arrays.toString(values), values));
  }

  /** A constant whole number. */
  String number(long value) {
    return weight(Weight.number(Long.toString(value), value));
  }

  /** A constant byte. */
  String octet(int value) {
    byte[] bytes = {(byte) value};
    return weight(Weight.of("byte " + value, ElementType.UINT8, bytes, List.of()));
  }

  /** A constant float. */
  String real(float value) {
    return weight(
        new Weight(
            "float " + value,
            ElementType.FLOAT,
            List.of(),
            into -> into.floats(0, new float[] {value}, 0, 1)));
  }

  /** A dimension is a number, or a name for one that varies. */
  void input(String name, ElementType type, Object... shape) {
    message.message(INPUT, value(name, type, shape));
  }

  void output(String name, ElementType type, Object... shape) {
    message.message(OUTPUT, value(name, type, shape));
  }

  private static Protobuf value(String name, ElementType type, Object... shape) {
    Protobuf dimensions = new Protobuf();
    for (Object size : shape) {
      dimensions.message(
          1,
          size instanceof Integer number
              ? new Protobuf().number(1, number)
              : new Protobuf().text(2, size.toString()));
    }
    Protobuf tensor = new Protobuf().number(1, type.number).message(2, dimensions);
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  /** Everything except the constants. */
  byte[] toByteArray() {
    return message.toByteArray();
  }

  List<Weight> weights() {
    return Collections.unmodifiableList(weights);
  }
}
