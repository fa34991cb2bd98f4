package io.fundamentallm.runtime.cpu.train.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ShuffleTest {
  @Property(tries = 200)
  void every_number_has_one_place(
      @ForAll @IntRange(min = 1, max = 3000) int n,
      @ForAll long seed,
      @ForAll @LongRange(min = 0) long epoch) {
    assertThat(LongStream.of(order(n, seed, epoch)).sorted().toArray())
        .isEqualTo(LongStream.range(0, n).toArray());
  }

  @Property(tries = 200)
  void numbers_stay_below_n_however_many_there_are(
      @ForAll @LongRange(min = 1) long n, @ForAll @LongRange(min = 0) long place) {
    Shuffle shuffle = new Shuffle(n, 7, 1);
    long at = shuffle.at(place % n);
    assertThat(at).isBetween(0L, n - 1);
    assertThat(new Shuffle(n, 7, 1).at(place % n)).isEqualTo(at);
  }

  @Test
  void seed_and_epoch_change_the_order() {
    assertThat(order(100, 1, 0)).isEqualTo(order(100, 1, 0)).isNotEqualTo(order(100, 1, 1));
    assertThat(order(100, 1, 0)).isNotEqualTo(order(100, 2, 0));
  }

  @Test
  void each_order_of_few_numbers_comes_as_often_as_any_other() {
    int[] seen = new int[64];
    for (int epoch = 0; epoch < 24_000; epoch++) {
      long[] order = order(4, 3, epoch);
      seen[(int) (order[0] << 4 | order[1] << 2 | order[2])]++;
    }
    int[] orders = java.util.Arrays.stream(seen).filter(count -> count > 0).toArray();
    assertThat(orders).hasSize(24);
    double chiSquared = 0;
    for (int count : orders) {
      chiSquared += (count - 1000) * (count - 1000) / 1000.0;
    }
    assertThat(chiSquared).isLessThan(49.7); // 23 degrees of freedom, one in a thousand
  }

  @Test
  void a_place_says_nothing_of_its_number() {
    double correlation = 0;
    long[] order = order(10_000, 11, 5);
    for (int i = 0; i < order.length; i++) {
      correlation += (i - 4999.5) * (order[i] - 4999.5);
    }
    double variance = order.length * (order.length * (double) order.length - 1) / 12;
    assertThat(correlation / variance).isCloseTo(0, within(0.04)); // four standard deviations
  }

  private static long[] order(int n, long seed, long epoch) {
    Shuffle shuffle = new Shuffle(n, seed, epoch);
    return LongStream.range(0, n).map(shuffle::at).toArray();
  }
}
