package io.fundamentallm.benchmarks.inference.direct;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fundamentallm.benchmarks.models.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One sequence in an ONNX Runtime session of its own, of an exported {@code model.onnx}. Keys and
 * values are the matter of subclasses. For one thread.
 */
public abstract class DirectSequence implements AutoCloseable {
  /** As ONNX Runtime aligns its own tensors. */
  private static final int ALIGNMENT = 64;

  final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  final OrtSession session;

  /** All inputs of the next run, changed in place. */
  final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

  private final Shape shape;
  private final List<OnnxTensor> masks;
  private final Map<Integer, Step> steps = new HashMap<>();
  private int length;

  /** What differs between runs of so many tokens. */
  private record Step(
      LongBuffer ids,
      LongBuffer positions,
      FloatBuffer logits,
      OnnxTensor idsTensor,
      OnnxTensor positionsTensor,
      OnnxTensor logitsTensor) {}

  /**
   * Loads the model.
   *
   * @param longest how many tokens the sequence may have
   */
  DirectSequence(Path directory, Shape shape, int longest, int threads) throws OrtException {
    this.shape = shape;
    // nothing else is set, as the runtime leaves it
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      session = environment.createSession(directory.resolve("model.onnx").toString(), options);
    }
    masks = masks(longest);
  }

  /** A tensor of ones for each length from 0 on, all in one buffer. */
  private List<OnnxTensor> masks(int longest) throws OrtException {
    LongBuffer ones = direct((long) longest * Long.BYTES).asLongBuffer();
    for (int i = 0; i < longest; i++) {
      ones.put(i, 1);
    }
    List<OnnxTensor> all = new ArrayList<>();
    for (int i = 0; i <= longest; i++) {
      all.add(OnnxTensor.createTensor(environment, ones.slice(0, i), new long[] {1, i}));
    }
    return all;
  }

  /** Forgets all tokens. */
  public void clear() {
    length = 0;
  }

  /** Appends tokens; the row is filled with the logits after the last of them. */
  public void append(int[] tokens, float[] row) {
    try {
      Step step = step(tokens.length);
      for (int i = 0; i < tokens.length; i++) {
        step.ids.put(i, tokens[i]);
        step.positions.put(i, length + i);
      }
      length += tokens.length;
      inputs.put("input_ids", step.idsTensor);
      inputs.put("position_ids", step.positionsTensor);
      inputs.put("attention_mask", masks.get(length));
      run(step.logitsTensor);
      step.logits.get((tokens.length - 1) * row.length, row);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs the graph on the inputs, which have their keys and values from the run before. */
  abstract void run(OnnxTensor logits) throws OrtException;

  private Step step(int tokens) throws OrtException {
    Step known = steps.get(tokens);
    if (known != null) {
      return known;
    }
    long[] sizes = {1, tokens};
    LongBuffer ids = direct((long) tokens * Long.BYTES).asLongBuffer();
    LongBuffer positions = direct((long) tokens * Long.BYTES).asLongBuffer();
    FloatBuffer logits = direct((long) tokens * shape.vocabulary() * Float.BYTES).asFloatBuffer();
    Step step =
        new Step(
            ids,
            positions,
            logits,
            OnnxTensor.createTensor(environment, ids, sizes),
            OnnxTensor.createTensor(environment, positions, sizes),
            OnnxTensor.createTensor(
                environment, logits, new long[] {1, tokens, shape.vocabulary()}));
    steps.put(tokens, step);
    return step;
  }

  /** Keys or values of a layer, room for so many tokens. */
  final OnnxTensor cache(int tokens) throws OrtException {
    long bytes = (long) tokens * shape.heads() * shape.headWidth() * Float.BYTES;
    long[] sizes = {1, shape.heads(), tokens, shape.headWidth()};
    return OnnxTensor.createTensor(environment, direct(bytes).asFloatBuffer(), sizes);
  }

  private static ByteBuffer direct(long bytes) {
    // an aligned slice loses what is before the first multiple, and what is after the last
    long room = (bytes / ALIGNMENT + 2) * ALIGNMENT;
    return ByteBuffer.allocateDirect(Math.toIntExact(room))
        .alignedSlice(ALIGNMENT)
        .slice(0, Math.toIntExact(bytes))
        .order(ByteOrder.nativeOrder());
  }

  /** Frees the session and what belongs to all sequences; subclasses free their keys and values. */
  @Override
  public void close() {
    masks.forEach(OnnxTensor::close);
    for (Step step : steps.values()) {
      step.idsTensor.close();
      step.positionsTensor.close();
      step.logitsTensor.close();
    }
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
