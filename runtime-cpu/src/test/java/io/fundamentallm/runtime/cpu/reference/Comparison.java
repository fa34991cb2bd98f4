package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.List;

/** The runtime's rows beside the reference's. */
final class Comparison {
  /** Relative to the largest entry of a row; what the runtime promises. */
  static final double TOLERANCE = 1e-4;

  private Comparison() {}

  /** Runs tokens in passes of a few at a time, and compares all logits and hidden states. */
  static void judge(
      LanguageModel model, int[] tokens, int piece, ReferenceTransformer.Output expected) {
    float[][] logits = new float[tokens.length][model.info().vocabularySize()];
    float[][] hidden = new float[tokens.length][model.info().hiddenSize()];
    try (Session session = model.open()) {
      for (int from = 0; from < tokens.length; from += piece) {
        int to = Math.min(tokens.length, from + piece);
        Append append =
            new Append(
                session,
                Arrays.copyOfRange(tokens, from, to),
                Arrays.copyOfRange(logits, from, to),
                Arrays.copyOfRange(hidden, from, to));
        model.forward(List.of(append), Cancellation.none());
      }
    }
    agree("hidden states in passes of " + piece, hidden, expected.hidden());
    agree("logits in passes of " + piece, logits, expected.logits());
  }

  private static void agree(String what, float[][] actual, double[][] expected) {
    double worst = 0;
    int worstRow = 0;
    for (int t = 0; t < expected.length; t++) {
      assertThat(actual[t]).as("width of the %s", what).hasSameSizeAs(expected[t]);
      double[] widened = new double[actual[t].length];
      for (int i = 0; i < widened.length; i++) {
        widened[i] = actual[t][i];
      }
      double difference = difference(widened, expected[t]);
      if (!(difference <= worst)) {
        worst = difference;
        worstRow = t;
      }
    }
    assertThat(worst)
        .as("largest relative difference of %s, at position %d", what, worstRow)
        .isLessThanOrEqualTo(TOLERANCE);
  }

  /** The largest difference of two rows relative to the largest entry; infinite for a NaN. */
  static double difference(double[] actual, double[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference / largest;
  }
}
