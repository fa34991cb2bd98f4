package io.fundamentallm.benchmarks.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fundamentallm.benchmarks.models.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Equally long sequences that go forward together in ONNX Runtime. Nothing is allocated or copied
 * in a step but the logits that Java looks at: keys and values stay in one buffer, which is input
 * and output, and the small inputs are changed in place.
 */
final class OnnxSequences implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Shape shape;
  private final int count;
  private final Map<String, OnnxTensor> cache = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final IntBuffer lastPositions;
  private final IntBuffer total;
  private final FloatBuffer logits;
  private final Map<Integer, Step> steps = new HashMap<>();
  private int length;

  /** The inputs of a step of so many tokens. */
  private record Step(LongBuffer tokens, LongBuffer positions, Map<String, OnnxTensor> inputs) {}

  /**
   * Makes room.
   *
   * @param longest how many tokens a sequence may have
   */
  OnnxSequences(OrtSession session, Shape shape, int count, int longest) throws OrtException {
    this.session = session;
    this.shape = shape;
    this.count = count;
    int row = shape.heads() * shape.headWidth();
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (String part : new String[] {"key", "value"}) {
        OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment,
                direct((long) count * longest * row * Float.BYTES).asFloatBuffer(),
                new long[] {count, shape.heads(), longest, shape.headWidth()});
        cache.put("past_key_values." + layer + "." + part, tensor);
        outputs.put("present." + layer + "." + part, tensor);
      }
    }
    lastPositions = direct((long) count * Integer.BYTES).asIntBuffer();
    total = direct(Integer.BYTES).asIntBuffer();
    cache.put("seqlens_k", OnnxTensor.createTensor(environment, lastPositions, new long[] {count}));
    cache.put("total_sequence_length", OnnxTensor.createTensor(environment, total, new long[] {1}));
    logits = direct((long) count * shape.vocabulary() * Float.BYTES).asFloatBuffer();
    outputs.put(
        "logits",
        OnnxTensor.createTensor(environment, logits, new long[] {count, 1, shape.vocabulary()}));
  }

  /** Empties the sequences. */
  void clear() {
    length = 0;
  }

  /** Appends the tokens of each sequence; all bring as many. */
  void append(int[][] tokens) throws OrtException {
    int more = tokens[0].length;
    Step step = steps.get(more);
    if (step == null) {
      step = step(more);
      steps.put(more, step);
    }
    for (int sequence = 0; sequence < count; sequence++) {
      for (int i = 0; i < more; i++) {
        step.tokens.put(sequence * more + i, tokens[sequence][i]);
        step.positions.put(sequence * more + i, length + i);
      }
      lastPositions.put(sequence, length + more - 1);
    }
    length += more;
    total.put(0, length);
    session.run(step.inputs, outputs).close();
  }

  private Step step(int more) throws OrtException {
    long[] sizes = {count, more};
    LongBuffer tokens = direct((long) count * more * Long.BYTES).asLongBuffer();
    LongBuffer positions = direct((long) count * more * Long.BYTES).asLongBuffer();
    Map<String, OnnxTensor> inputs = new HashMap<>(cache);
    inputs.put("input_ids", OnnxTensor.createTensor(environment, tokens, sizes));
    if (shape.learnedPositions()) {
      inputs.put("position_ids", OnnxTensor.createTensor(environment, positions, sizes));
    }
    return new Step(tokens, positions, inputs);
  }

  /** Copies the logits of a sequence. */
  void logits(int sequence, float[] row) {
    logits.get(sequence * row.length, row);
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    // The cache is among the inputs and among the outputs.
    Set<OnnxTensor> all = new HashSet<>(cache.values());
    all.addAll(outputs.values());
    steps.values().forEach(step -> all.addAll(step.inputs.values()));
    all.forEach(OnnxTensor::close);
  }
}
