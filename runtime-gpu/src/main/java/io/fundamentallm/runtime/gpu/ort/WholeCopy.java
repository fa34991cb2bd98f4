package io.fundamentallm.runtime.gpu.ort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.internal.protobuf.Protobuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies tensors into others of the same shapes, between host and device or within one: ONNX
 * Runtime does it, with its own small graph. Thread-safe.
 */
final class WholeCopy implements AutoCloseable {
  private final SmallGraph graph;

  /** For tensors of these types, of any shapes. */
  WholeCopy(Engine engine, List<OnnxJavaType> types) {
    Protobuf copies = new Protobuf().text(2, "copy");
    for (int i = 0; i < types.size(); i++) {
      OnnxJavaType type = types.get(i);
      copies
          .message(1, new Protobuf().text(1, "from" + i).text(2, "into" + i).text(4, "Identity"))
          .message(11, SmallGraph.value("from" + i, type))
          .message(12, SmallGraph.value("into" + i, type));
    }
    graph = new SmallGraph(engine, copies);
  }

  void copy(List<OnnxTensor> from, List<OnnxTensor> into) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    for (int i = 0; i < from.size(); i++) {
      inputs.put("from" + i, from.get(i));
      outputs.put("into" + i, into.get(i));
    }
    graph.run(inputs, outputs);
  }

  @Override
  public void close() {
    graph.close();
  }
}
