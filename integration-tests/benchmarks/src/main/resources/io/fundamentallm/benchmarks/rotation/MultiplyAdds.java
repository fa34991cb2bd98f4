import java.util.Locale;
import java.util.concurrent.atomic.DoubleAdder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Prints how many GFLOP/s some threads reach with nothing but multiply-adds of 32-bit floats in the
 * widest registers. Twelve sums hide how long one takes: two a cycle, four cycles each.
 */
final class MultiplyAdds {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int SUMS = 12;
  private static final int TIMES = 1_000_000;
  private static final int ROUNDS = 5;

  public static void main(String[] threads) throws InterruptedException {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      best = Math.max(best, round(Integer.parseInt(threads[0])));
    }
    System.out.printf(Locale.ROOT, "%.1f%n", best);
  }

  private static double round(int threads) throws InterruptedException {
    DoubleAdder speed = new DoubleAdder();
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      all[i] = new Thread(() -> speed.add(one()));
      all[i].start();
    }
    for (Thread thread : all) {
      thread.join();
    }
    return speed.sum();
  }

  private static double one() {
    float sum = 0;
    long start = System.nanoTime();
    int calls = 0;
    for (; System.nanoTime() - start < 300_000_000; calls++) {
      sum += loop(calls);
    }
    long nanos = System.nanoTime() - start;
    if (sum == 1) {
      throw new IllegalStateException("the sum is needed, so that it is computed");
    }
    return 2.0 * calls * TIMES * SUMS * SPECIES.length() / nanos;
  }

  private static float loop(float start) {
    FloatVector factor = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector term = FloatVector.broadcast(SPECIES, start);
    FloatVector s0 = term, s1 = term, s2 = term, s3 = term, s4 = term, s5 = term;
    FloatVector s6 = term, s7 = term, s8 = term, s9 = term, s10 = term, s11 = term;
    for (int i = 0; i < TIMES; i++) {
      s0 = s0.fma(factor, term);
      s1 = s1.fma(factor, term);
      s2 = s2.fma(factor, term);
      s3 = s3.fma(factor, term);
      s4 = s4.fma(factor, term);
      s5 = s5.fma(factor, term);
      s6 = s6.fma(factor, term);
      s7 = s7.fma(factor, term);
      s8 = s8.fma(factor, term);
      s9 = s9.fma(factor, term);
      s10 = s10.fma(factor, term);
      s11 = s11.fma(factor, term);
    }
    FloatVector sum = s0.add(s1).add(s2).add(s3).add(s4).add(s5);
    return sum.add(s6).add(s7).add(s8).add(s9).add(s10).add(s11).lane(0);
  }
}
