package io.fundamentallm.evaluation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Python's {@code random.Random}: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), and
 * how {@code sample} draws with it. The harness draws few-shot examples so.
 */
final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int at = N;

  /**
   * As {@code random.Random(seed)}.
   *
   * @param seed at least 0
   */
  PythonRandom(int seed) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * mixed(i - 1) + i;
    }
    int i = 1;
    for (int k = 0; k < N; k++) { // a key of one word, the seed
      state[i] = (state[i] ^ (mixed(i - 1) * 1664525)) + seed;
      i = next(i);
    }
    for (int k = 0; k < N - 1; k++) {
      state[i] = (state[i] ^ (mixed(i - 1) * 1566083941)) - i;
      i = next(i);
    }
    state[0] = 0x80000000;
  }

  private int mixed(int i) {
    return state[i] ^ (state[i] >>> 30);
  }

  private int next(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  private int word() {
    if (at == N) {
      for (int i = 0; i < N; i++) {
        int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
        state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
      }
      at = 0;
    }
    int y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** In [0, bound). */
  private int below(int bound) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
    int drawn;
    do {
      drawn = word() >>> (Integer.SIZE - bits);
    } while (drawn >= bound);
    return drawn;
  }

  /**
   * As {@code random.sample(population, count)}.
   *
   * @param count at most as many as there are
   */
  <T> List<T> sample(List<T> population, int count) {
    int size = population.size();
    List<T> sample = new ArrayList<>(count);
    // Python copies where the copy is smaller than a set of those drawn
    int large = 21;
    if (count > 5) {
      large += (int) Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4)));
    }
    if (size <= large) {
      List<T> pool = new ArrayList<>(population);
      for (int i = 0; i < count; i++) {
        int drawn = below(size - i);
        sample.add(pool.get(drawn));
        pool.set(drawn, pool.get(size - i - 1));
      }
    } else {
      Set<Integer> selected = new HashSet<>();
      while (sample.size() < count) {
        int drawn = below(size);
        if (selected.add(drawn)) {
          sample.add(population.get(drawn));
        }
      }
    }
    return sample;
  }
}
