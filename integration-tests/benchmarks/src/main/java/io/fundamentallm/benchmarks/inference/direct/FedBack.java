package io.fundamentallm.benchmarks.inference.direct;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fundamentallm.benchmarks.models.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** With ONNX's own Attention: the keys and values that one run gives are inputs of the next. */
public final class FedBack extends DirectSequence {
  /** The inputs, by the outputs that they come from. */
  private final Map<String, String> pasts = new LinkedHashMap<>();

  private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
  private final OnnxTensor nothing;
  private OrtSession.@Nullable Result before;

  /**
   * Loads the model.
   *
   * @param longest how many tokens the sequence may have
   */
  public FedBack(Path directory, Shape shape, int longest, int threads) throws OrtException {
    super(directory, shape, longest, threads);
    nothing = cache(0);
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (String part : List.of("key", "value")) {
        pasts.put("present." + layer + "." + part, "past_key_values." + layer + "." + part);
      }
    }
    clear();
  }

  @Override
  public void clear() {
    super.clear();
    pasts.values().forEach(past -> inputs.put(past, nothing));
    release();
  }

  @Override
  void run(OnnxTensor logits) throws OrtException {
    pinned.put("logits", logits);
    OrtSession.Result after = session.run(inputs, pasts.keySet(), pinned);
    for (Map.Entry<String, OnnxValue> output : after) {
      String past = pasts.get(output.getKey());
      if (past != null) {
        inputs.put(past, (OnnxTensor) output.getValue());
      }
    }
    release();
    before = after;
  }

  private void release() {
    if (before != null) {
      before.close();
      before = null;
    }
  }

  @Override
  public void close() {
    release();
    nothing.close();
    super.close();
  }
}
