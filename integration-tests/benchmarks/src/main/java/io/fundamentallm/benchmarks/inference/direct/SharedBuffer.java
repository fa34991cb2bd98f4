package io.fundamentallm.benchmarks.inference.direct;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.benchmarks.models.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * With GroupQueryAttention: one buffer for the keys or values of a layer, as large as they ever
 * get, is input and output. A run allocates nothing and writes what is new.
 */
public final class SharedBuffer extends DirectSequence {
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<OnnxTensor> buffers = new ArrayList<>();

  /**
   * Loads the model.
   *
   * @param longest how many tokens the sequence may have
   */
  public SharedBuffer(Path directory, Shape shape, int longest, int threads) throws OrtException {
    super(directory, shape, longest, threads);
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (String part : List.of("key", "value")) {
        OnnxTensor buffer = cache(longest);
        buffers.add(buffer);
        inputs.put("past_key_values." + layer + "." + part, buffer);
        outputs.put("present." + layer + "." + part, buffer);
      }
    }
  }

  @Override
  void run(OnnxTensor logits) throws OrtException {
    outputs.put("logits", logits);
    session.run(inputs, outputs).close();
  }

  @Override
  public void close() {
    super.close();
    buffers.forEach(OnnxTensor::close);
  }
}
