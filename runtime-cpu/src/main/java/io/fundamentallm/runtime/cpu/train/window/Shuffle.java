package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.decoding.Randomness;

/**
 * A random order of the numbers from 0 to below n: the number at each place is a pure function of
 * seed, epoch and place, so that an order of billions takes no memory and no state to resume from.
 *
 * <p>A Feistel network over the next power of two (Luby and Rackoff 1988; six rounds, as Patarin
 * 2004 asks for where the domain is small), walked until it comes back below n (Black and Rogaway
 * 2002).
 */
final class Shuffle {
  private static final long PURPOSE = Randomness.purpose("training-shuffle");
  private static final int ROUNDS = 6;

  /** With a smaller network, not all orders are equally frequent: measured for 4 numbers. */
  private static final int MIN_BITS = 6;

  private final long n;
  private final Randomness randomness;

  /** The two halves of a number, in bits; they may differ by one. */
  private final int high;

  private final int low;

  /** An order of {@code n} numbers, at least one. */
  Shuffle(long n, long seed, long epoch) {
    this.n = n;
    randomness = new Randomness(seed, epoch);
    int bits = Math.max(MIN_BITS, Long.SIZE - Long.numberOfLeadingZeros(n - 1));
    high = bits / 2;
    low = bits - high;
  }

  /** The number at a place, both from 0 to below n. */
  long at(long place) {
    long number = place;
    do {
      number = permuted(number);
    } while (number >= n);
    return number;
  }

  /** Each round adds to one half a function of the other, which can be subtracted again. */
  private long permuted(long number) {
    long left = number >>> low;
    long right = number & mask(low);
    for (int round = 0; round < ROUNDS; round += 2) {
      left = left + random(round, right, high) & mask(high);
      right = right + random(round + 1, left, low) & mask(low);
    }
    return left << low | right;
  }

  /** This many random bits; halves have 32 at most. */
  private long random(long round, long half, int bits) {
    return (long) (randomness.uniform(round << 32 | half, PURPOSE) * (1L << bits));
  }

  private static long mask(int bits) {
    return (1L << bits) - 1;
  }
}
