package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.layer.MixtureActivations.Gradients;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.util.Arrays;

/**
 * What chooses the experts of a row: the k of E that a linear layer with a softmax finds most
 * probable (Shazeer et al. 2017). Their probabilities are their weights; normalized, these have the
 * sum 1.
 */
final class TopKRouter {
  private final Compute compute;
  private final int count; // E
  private final int used; // k
  private final boolean normalized;
  private final Linear linear;
  private final float[][] rest; // [slot][E], probabilities of those not yet chosen
  private final float[] sums; // [E]

  /**
   * One with a matrix.
   *
   * @param weight its offset
   */
  TopKRouter(Compute compute, int channels, TransformerConfig.Experts shape, int weight) {
    this.compute = compute;
    count = shape.count();
    used = shape.used();
    normalized = shape.normalized();
    linear = new Linear(channels, count, weight, ParameterLayout.NONE, true);
    rest = new float[compute.slots()][count];
    sums = new float[count];
  }

  /** The layer that computes the logits. */
  Linear linear() {
    return linear;
  }

  /** Chooses the experts of all rows of x [R][C], and gives the rows of each expert places. */
  void choose(float[] parameters, int all, Floats x, MixtureActivations m) {
    linear.forward(compute.product(), parameters, all, x, m.probabilities);
    compute.rows(all, (from, rows, slot) -> route(m, from, rows, slot));
    group(m, all);
  }

  /** Counts how rows chose that are not padding, for {@link Balance}; once for each pass. */
  void count(MixtureActivations m, Pass pass, Gradients balance) {
    Arrays.fill(sums, 0f);
    Floats p = m.probabilities;
    ElementwiseKernels kernels = compute.kernels().elementwise();
    for (int window = 0; window < pass.batch(); window++) {
      int row = window * pass.steps();
      int rows = pass.end(window);
      kernels.addColumnSums(rows, count, p.array(), p.at(row * count), count, sums, 0);
      for (int i = row * used; i < (row + rows) * used; i++) {
        balance.counts[m.chosen[i]]++;
      }
    }
    for (int e = 0; e < count; e++) {
      balance.sums[e] += sums[e];
    }
    balance.layers++;
  }

  /** Chooses the experts of some rows: the most probable, and of equal ones the first. */
  private void route(MixtureActivations m, int from, int rows, int slot) {
    AttentionKernels kernels = compute.kernels().attention();
    float[] p = rest[slot];
    for (int row = from; row < from + rows; row++) {
      int at = m.probabilities.at(row * count);
      kernels.softmax(count, count, 1f, m.probabilities.array(), at);
      System.arraycopy(m.probabilities.array(), at, p, 0, count);
      float sum = 0;
      for (int i = row * used; i < (row + 1) * used; i++) {
        int best = 0;
        for (int e = 1; e < count; e++) {
          best = p[e] > p[best] ? e : best;
        }
        m.chosen[i] = best;
        m.weights[i] = p[best];
        sum += p[best];
        p[best] = -1;
      }
      for (int i = row * used; normalized && i < (row + 1) * used; i++) {
        m.weights[i] /= sum;
      }
    }
  }

  /** Gives the rows of each expert places that follow one another. */
  private void group(MixtureActivations m, int rows) {
    int[] starts = m.starts;
    Arrays.fill(starts, 0);
    for (int i = 0; i < rows * used; i++) {
      starts[m.chosen[i] + 1]++;
    }
    for (int e = 0; e < count; e++) {
      starts[e + 1] += starts[e];
    }
    int[] next = Arrays.copyOf(starts, count);
    for (int i = 0; i < rows * used; i++) {
      m.places[i] = next[m.chosen[i]]++;
    }
  }

  /** The gradient of a row's logits, from those of its weights and of the balance. */
  void backward(Pass pass, MixtureActivations m, Gradients g, int row) {
    int dp = g.dprobabilities.at(row * count);
    float[] dprobabilities = g.dprobabilities.array();
    if (row % pass.steps() < pass.end(row / pass.steps())) {
      System.arraycopy(g.slopes, 0, dprobabilities, dp, count);
    } else {
      Arrays.fill(dprobabilities, dp, dp + count, 0f);
    }
    float mean = 0;
    float chance = 0;
    for (int i = row * used; i < (row + 1) * used; i++) {
      mean += g.dweights[i] * m.weights[i];
      chance += m.probabilities.array()[m.probabilities.at(row * count + m.chosen[i])];
    }
    for (int i = row * used; i < (row + 1) * used; i++) {
      float dweight = g.dweights[i];
      dprobabilities[dp + m.chosen[i]] += normalized ? (dweight - mean) / chance : dweight;
    }
    int p = m.probabilities.at(row * count);
    float delta =
        compute.kernels().product().dot(count, m.probabilities.array(), p, dprobabilities, dp);
    compute
        .kernels()
        .attention()
        .softmaxBackward(count, 1f, delta, m.probabilities.array(), p, dprobabilities, dp);
  }
}
