package io.fundamentallm.spark;

import java.util.Random;

/** Text whose letters depend on the two before: soon learned, and much left to luck. */
final class Letters {
  private static final int COUNT = 8;

  private Letters() {}

  static String text(int length, long seed) {
    double[][] odds = odds();
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(length);
    int before = 0;
    int last = 0;
    for (int i = 0; i < length; i++) {
      int next = draw(odds[before * COUNT + last], random.nextDouble());
      text.append((char) ('a' + next));
      before = last;
      last = next;
    }
    return text.toString();
  }

  /** For each pair of letters, how often each letter follows it; mostly by the second. */
  private static double[][] odds() {
    Random rules = new Random(7);
    double[][] single = new double[COUNT][COUNT];
    for (double[] row : single) {
      for (int i = 0; i < COUNT; i++) {
        row[i] = 2 * rules.nextGaussian();
      }
    }
    double[][] odds = new double[COUNT * COUNT][COUNT];
    for (int pair = 0; pair < odds.length; pair++) {
      double sum = 0;
      for (int i = 0; i < COUNT; i++) {
        odds[pair][i] = Math.exp(single[pair % COUNT][i] + 0.5 * rules.nextGaussian());
        sum += odds[pair][i];
      }
      for (int i = 0; i < COUNT; i++) {
        odds[pair][i] /= sum;
      }
    }
    return odds;
  }

  private static int draw(double[] odds, double u) {
    double left = u;
    int letter = 0;
    while (letter < COUNT - 1 && left >= odds[letter]) {
      left -= odds[letter++];
    }
    return letter;
  }
}
