package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.internal.numerics.Exp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A number of draws without replacement from the softmax of all sums: each takes u in [0, 1) and
 * the first of those left whose cumulative mass is greater than u times the mass that is left. A
 * candidate without mass is never drawn.
 */
final class DrawnCandidates implements Candidates {
  /** Masses are summed over this many candidates, so that a draw does not walk all of them. */
  private static final int BLOCK = 1024;

  private final int count;
  private final Randomness randomness;
  private final long[] purposes;

  private int size;
  private int[] beams = {};
  private int[] tokens = {};
  private double[] sums = {};
  private double[] logProbabilities = {};
  private double[] weights = {};

  private int blocks;
  private double[] masses = {};

  /**
   * Draws of one group.
   *
   * @param group so that groups do not share draws
   */
  DrawnCandidates(int count, Randomness randomness, int group) {
    this.count = count;
    this.randomness = randomness;
    purposes = new long[count];
    for (int draw = 0; draw < count; draw++) {
      purposes[draw] = Randomness.purpose("beam sampling " + group + " " + draw);
    }
  }

  @Override
  public void offer(int beam, int token, double sum, double logProbability) {
    if (size == beams.length) {
      int capacity = Math.max(256, 2 * size);
      beams = Arrays.copyOf(beams, capacity);
      tokens = Arrays.copyOf(tokens, capacity);
      sums = Arrays.copyOf(sums, capacity);
      logProbabilities = Arrays.copyOf(logProbabilities, capacity);
      weights = new double[capacity];
    }
    beams[size] = beam;
    tokens[size] = token;
    sums[size] = sum;
    logProbabilities[size++] = logProbability;
  }

  @Override
  public List<Candidate> take(long position) {
    computeWeights();
    List<Candidate> taken = new ArrayList<>();
    for (int draw = 0; draw < Math.min(count, size); draw++) {
      int chosen = draw(randomness.uniform(position, purposes[draw]));
      if (chosen < 0) {
        break;
      }
      weights[chosen] = 0;
      masses[chosen / BLOCK] = mass(chosen / BLOCK);
      taken.add(
          new Candidate(beams[chosen], tokens[chosen], sums[chosen], logProbabilities[chosen]));
    }
    taken.sort(Candidate.BEST_FIRST);
    size = 0;
    return taken;
  }

  private void computeWeights() {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      maximum = Math.max(maximum, sums[i]);
    }
    for (int i = 0; i < size; i++) {
      weights[i] = Exp.exp(sums[i] - maximum);
    }
    blocks = (size + BLOCK - 1) / BLOCK;
    if (masses.length < blocks) {
      masses = new double[blocks];
    }
    for (int block = 0; block < blocks; block++) {
      masses[block] = mass(block);
    }
  }

  private double mass(int block) {
    double mass = 0;
    for (int i = block * BLOCK; i < Math.min(size, (block + 1) * BLOCK); i++) {
      mass += weights[i];
    }
    return mass;
  }

  private int draw(double u) {
    double total = 0;
    for (int block = 0; block < blocks; block++) {
      total += masses[block];
    }
    double target = u * total;
    double cumulative = 0;
    int last = -1;
    for (int block = 0; block < blocks; block++) {
      if (cumulative + masses[block] > target) {
        return drawWithin(block, target - cumulative);
      }
      cumulative += masses[block];
      last = masses[block] > 0 ? block : last;
    }
    // rounding left the sum a little under the target, or nothing has any mass
    return last < 0 ? -1 : drawWithin(last, masses[last]);
  }

  private int drawWithin(int block, double target) {
    double cumulative = 0;
    int last = -1;
    for (int i = block * BLOCK; i < Math.min(size, (block + 1) * BLOCK); i++) {
      if (weights[i] > 0) {
        last = i;
        cumulative += weights[i];
        if (cumulative > target) {
          break;
        }
      }
    }
    return last;
  }
}
