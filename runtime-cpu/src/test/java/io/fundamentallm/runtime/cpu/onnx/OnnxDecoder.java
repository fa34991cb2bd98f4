package io.fundamentallm.runtime.cpu.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** An exported decoder and one sequence in ONNX Runtime, as an application would run it. */
public final class OnnxDecoder implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private OrtSession.@Nullable Result past;
  private int length;

  private OnnxDecoder(OrtSession session) {
    this.session = session;
  }

  /** Loads the {@code model.onnx} of a directory. */
  public static OnnxDecoder open(Path directory) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      String file = directory.resolve("model.onnx").toString();
      return new OnnxDecoder(OrtEnvironment.getEnvironment().createSession(file, options));
    }
  }

  /** Empties the sequence. */
  public void clear() {
    if (past != null) {
      past.close();
      past = null;
    }
    length = 0;
  }

  /** Appends tokens; a row of logits for each comes back. */
  public float[][] append(int... tokens) throws OrtException {
    int from = length;
    length += tokens.length;
    return run(
        Arrays.stream(tokens).asLongStream(),
        LongStream.range(0, length).map(i -> 1),
        LongStream.range(from, length));
  }

  /** Begins with tokens after padding on their left; their rows of logits come back. */
  public float[][] appendPadded(int padding, int... tokens) throws OrtException {
    length = padding + tokens.length;
    float[][] rows =
        run(
            LongStream.concat(LongStream.range(0, padding), Arrays.stream(tokens).asLongStream()),
            LongStream.range(0, length).map(i -> i < padding ? 0 : 1),
            LongStream.range(0, length).map(i -> Math.max(0, i - padding)));
    return Arrays.copyOfRange(rows, padding, length);
  }

  private float[][] run(LongStream tokens, LongStream mask, LongStream positions)
      throws OrtException {
    Map<String, OnnxTensor> own = new HashMap<>();
    try {
      own.put("input_ids", ids(tokens));
      own.put("attention_mask", ids(mask));
      own.put("position_ids", ids(positions));
      if (past == null) {
        for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
          if (input.getKey().startsWith("past_key_values.")) {
            own.put(input.getKey(), empty((TensorInfo) input.getValue().getInfo()));
          }
        }
      }
      Map<String, OnnxTensor> inputs = new HashMap<>(own);
      if (past != null) {
        past.forEach(
            output -> {
              if (output.getKey().startsWith("present.")) {
                inputs.put(
                    output.getKey().replace("present.", "past_key_values."),
                    (OnnxTensor) output.getValue());
              }
            });
      }
      OrtSession.Result result = session.run(inputs);
      if (past != null) {
        past.close();
      }
      past = result;
      return ((float[][][]) result.get("logits").orElseThrow().getValue())[0];
    } finally {
      own.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor ids(LongStream values) throws OrtException {
    long[] ids = values.toArray();
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), new long[] {1, ids.length});
  }

  private OnnxTensor empty(TensorInfo info) throws OrtException {
    long[] shape = info.getShape().clone();
    shape[0] = 1;
    shape[2] = 0;
    return OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), shape);
  }

  @Override
  public void close() throws OrtException {
    clear();
    session.close();
  }
}
