package io.fundamentallm.runtime.gpu.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import io.fundamentallm.runtime.gpu.ort.FixedRuns;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the sequences of one run: what goes in, and what comes out. Used by one
 * thread, and closed after the run.
 *
 * @param <P> the pasts of its strategy
 */
public interface Turn<P extends Past> extends AutoCloseable {
  /** Which row of the run a sequence has. */
  int row(int sequence);

  /** How many tokens the longest row has after the run, padding counted. */
  int total();

  /**
   * What runs it, if the run always has the same shapes; then {@link #total} is always the same.
   */
  default FixedRuns.@Nullable Fixed fixed() {
    return null;
  }

  /** Adds keys and values to the inputs, and to the outputs that have their own tensors. */
  void feed(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned);

  /** The outputs that ONNX Runtime has to make tensors for. */
  Set<String> outputs();

  /**
   * The pasts after the run, each held once by the caller. Owns the result from here on, even when
   * it throws.
   *
   * @param result null if there was nothing to run
   */
  List<P> take(@Nullable Result result) throws OrtException;

  /** Gives back what {@link #take} did not take over. */
  @Override
  void close();
}
