package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.Transcript;

/**
 * A live hypothesis.
 *
 * @param transcript what has been written so far
 * @param window its context
 * @param sum of its log-probabilities, less the diversity penalties
 */
record Beam(Transcript transcript, ContextWindow window, double sum) {
  /** A copy of this hypothesis. */
  Beam fork() {
    return new Beam(transcript.fork(transcript.randomness()), window.fork(), sum);
  }
}
