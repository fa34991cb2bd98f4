package io.fundamentallm.samplers.decode;

import io.fundamentallm.Randomness;
import io.fundamentallm.spi.Exp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * So many draws without replacement from the softmax of all sums: each takes u in [0, 1) and the
 * first of those left whose cumulative mass is greater than u times the mass that is left. What has
 * no mass is never drawn.
 */
final class DrawnCandidates implements Candidates {
  private final int count;
  private final Randomness randomness;
  private final long[] purposes;

  private int size;
  private int[] beams = {};
  private int[] tokens = {};
  private double[] sums = {};
  private double[] logProbabilities = {};
  private double[] weights = {};

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
      int room = Math.max(256, 2 * size);
      beams = Arrays.copyOf(beams, room);
      tokens = Arrays.copyOf(tokens, room);
      sums = Arrays.copyOf(sums, room);
      logProbabilities = Arrays.copyOf(logProbabilities, room);
      weights = new double[room];
    }
    beams[size] = beam;
    tokens[size] = token;
    sums[size] = sum;
    logProbabilities[size++] = logProbability;
  }

  @Override
  public List<Candidate> take(long position) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      maximum = Math.max(maximum, sums[i]);
    }
    for (int i = 0; i < size; i++) {
      weights[i] = Exp.exp(sums[i] - maximum);
    }
    List<Candidate> taken = new ArrayList<>();
    for (int draw = 0; draw < Math.min(count, size); draw++) {
      int chosen = draw(randomness.uniform(position, purposes[draw]));
      if (chosen < 0) {
        break;
      }
      weights[chosen] = 0;
      taken.add(
          new Candidate(beams[chosen], tokens[chosen], sums[chosen], logProbabilities[chosen]));
    }
    taken.sort(Candidate.BEST_FIRST);
    size = 0;
    return taken;
  }

  private int draw(double u) {
    double total = 0;
    for (int i = 0; i < size; i++) {
      total += weights[i];
    }
    double target = u * total;
    double cumulative = 0;
    int last = -1;
    for (int i = 0; i < size && cumulative <= target; i++) {
      cumulative += weights[i];
      last = weights[i] > 0 ? i : last; // rounding may leave the sum a little under the target
    }
    return last;
  }
}
