package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.fundamentallm.internal.protobuf.Protobuf;
import io.fundamentallm.runtime.gpu.graph.Slot;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.SmallGraph;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies tokens of one sequence between tensors on any device. ONNX Runtime does it, with a small
 * graph that gathers a row and then its tokens. Thread-safe.
 */
public final class RowCopy implements AutoCloseable {
  private static final String ROW = "row";
  private static final String TOKENS = "tokens";

  private final OrtEnvironment environment;
  private final SmallGraph graph;

  /** For tensors of these slots. */
  RowCopy(Engine engine, List<Slot> slots) {
    this.environment = engine.environment();
    this.graph = new SmallGraph(engine, graph(slots));
  }

  /**
   * Copies one sequence. Free space in the target gets copies of the first token, so that it is
   * finite.
   *
   * @param from [B, …]
   * @param row which of the sequences
   * @param first the first token
   * @param count how many tokens, at least 1
   * @param into [1, …] of the given width
   * @param at where the first token goes
   */
  public void copy(
      List<OnnxTensor> from,
      int row,
      int first,
      int count,
      List<OnnxTensor> into,
      int width,
      int at)
      throws OrtException {
    long[] tokens = new long[width];
    Arrays.setAll(tokens, i -> i < at || i >= at + count ? first : first + i - at);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    for (int i = 0; i < from.size(); i++) {
      inputs.put("from" + i, from.get(i));
      outputs.put("into" + i, into.get(i));
    }
    try (OnnxTensor which = numbers(row);
        OnnxTensor columns = numbers(tokens)) {
      inputs.put(ROW, which);
      inputs.put(TOKENS, columns);
      graph.run(inputs, outputs);
    }
  }

  private OnnxTensor numbers(long... values) throws OrtException {
    return OnnxTensor.createTensor(
        environment, LongBuffer.wrap(values), new long[] {values.length});
  }

  private static Protobuf graph(List<Slot> slots) {
    Protobuf graph = new Protobuf().text(2, "copy");
    for (int i = 0; i < slots.size(); i++) {
      OnnxJavaType type = slots.get(i).precision().type();
      graph
          .message(1, gather("from" + i, ROW, "row" + i, 0))
          .message(1, gather("row" + i, TOKENS, "into" + i, slots.get(i).axis()))
          .message(11, SmallGraph.value("from" + i, type))
          .message(12, SmallGraph.value("into" + i, type));
    }
    graph
        .message(11, SmallGraph.value(ROW, OnnxJavaType.INT64))
        .message(11, SmallGraph.value(TOKENS, OnnxJavaType.INT64));
    return graph;
  }

  private static Protobuf gather(String data, String indices, String output, int axis) {
    Protobuf attribute = new Protobuf().text(1, "axis").number(3, axis).number(20, 2);
    return new Protobuf()
        .text(1, data)
        .text(1, indices)
        .text(2, output)
        .text(4, "Gather")
        .message(5, attribute);
  }

  @Override
  public void close() {
    graph.close();
  }
}
