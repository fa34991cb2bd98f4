package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How keys and values get from one run of the graph to the next. Thread-safe. */
interface CacheStrategy {
  /** For {@link io.fundamentallm.ModelInfo#device()}. */
  String name();

  /** The past of an empty sequence, held once by the caller. */
  Past empty() throws OrtException;

  /** The strategy for a graph. */
  static CacheStrategy of(OrtEnvironment environment, Graph graph) {
    return graph.slots().isEmpty() ? new Recomputation() : new FeedBack(environment, graph);
  }

  /** The outputs that a run has to keep; where there are none, it need not run without logits. */
  Set<String> outputs();

  /** The tokens of a past that a run has to see again, before the new ones. */
  int[] again(Past past);

  /** Adds the past to the inputs of a run. */
  void feed(Past past, Map<String, OnnxTensor> inputs);

  /**
   * What a run left: the past of the next one, held once by the caller. Owns the result from here
   * on, also where it throws.
   *
   * @param past before the run
   * @param tokens that the run took, besides those it saw again
   * @param result null where it did not run
   */
  Past take(Past past, int[] tokens, @Nullable Result result);

  /**
   * The first tokens of a past, held once by the caller; the past itself is left as it is.
   *
   * @param length in {@code [1, past.length()]}
   */
  Past truncate(Past past, int length) throws OrtException;
}
