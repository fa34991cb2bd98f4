package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextPolicy.Evict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The final hidden states of the tokens in the model's context, in order. Immutable. */
final class ContextStates {
  private final List<State> states;

  private record State(float[] values, double norm) {}

  private ContextStates(List<State> states) {
    this.states = states;
  }

  static ContextStates none() {
    return new ContextStates(List.of());
  }

  /**
   * The states after a pass.
   *
   * @param kept how many tokens of the context the pass did not read
   * @param evicted which tokens were dropped from within; otherwise the kept ones are the first
   * @param fresh [T][C] of the tokens that the pass read
   */
  ContextStates after(int kept, Optional<Evict> evicted, float[][] fresh) {
    List<State> all = new ArrayList<>(kept + fresh.length);
    if (evicted.isPresent()) {
      all.addAll(states.subList(0, evicted.get().from()));
      all.addAll(states.subList(evicted.get().to(), states.size()));
    } else {
      all.addAll(states.subList(0, kept));
    }
    for (float[] values : fresh) {
      all.add(new State(values, StrictMath.sqrt(dot(values, values))));
    }
    return new ContextStates(all);
  }

  /** How many tokens there are. */
  int size() {
    return states.size();
  }

  /** The largest cosine between the last state and one before it; 0 if there is none. */
  double similarityOfLast() {
    State last = states.get(states.size() - 1);
    double largest = states.size() == 1 ? 0 : Double.NEGATIVE_INFINITY;
    for (int i = 0; i < states.size() - 1; i++) {
      largest = Math.max(largest, cosine(states.get(i), last));
    }
    return largest;
  }

  private static double cosine(State a, State b) {
    double norms = a.norm * b.norm;
    return norms == 0 ? 0 : dot(a.values, b.values) / norms;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int c = 0; c < a.length; c++) {
      sum += (double) a[c] * b[c];
    }
    return sum;
  }
}
