package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.Transcript;

/**
 * A hypothesis that is alive.
 *
 * @param transcript what is written so far
 * @param window its context
 * @param sum of its log-probabilities, diversity penalties taken off
 */
record Beam(Transcript transcript, ContextWindow window, double sum) {
  /** The same hypothesis once more. */
  Beam fork() {
    return new Beam(transcript.fork(transcript.randomness()), window.fork(), sum);
  }
}
