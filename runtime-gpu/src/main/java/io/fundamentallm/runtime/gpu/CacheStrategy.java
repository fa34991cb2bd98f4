package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import java.util.Map;
import java.util.Set;

/** How keys and values get from one run of the graph to the next. Thread-safe. */
interface CacheStrategy {
  /** For {@link io.fundamentallm.ModelInfo#device()}. */
  String name();

  /** The past of an empty sequence, held once by the caller. */
  Past empty() throws OrtException;

  /** The outputs that a run has to keep. */
  Set<String> outputs();

  /** Adds the past to the inputs of a run. */
  void feed(Past past, Map<String, OnnxTensor> inputs);

  /**
   * What a run left: the past of the next one, held once by the caller. Owns the result from here
   * on, also where it throws.
   *
   * @param length of the sequence after the run
   */
  Past take(Result result, int length);

  /**
   * The first tokens of a past, held once by the caller; the past itself is left as it is.
   *
   * @param length in {@code [1, past.length()]}
   */
  Past truncate(Past past, int length) throws OrtException;
}
