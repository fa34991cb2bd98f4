package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomnessTest {
  /** Random123 1.14, tests/kat_vectors, philox4x64 with 10 rounds: the first word of each. */
  @Test
  void philox_gives_the_known_answers() {
    assertThat(Randomness.philox(0, 0, 0, 0, 0, 0)).isEqualTo(0x16554d9eca36314cL);
    assertThat(Randomness.philox(-1, -1, -1, -1, -1, -1)).isEqualTo(0x87b092c3013fe90bL);
    assertThat(
            Randomness.philox(
                0x243f6a8885a308d3L,
                0x13198a2e03707344L,
                0xa4093822299f31d0L,
                0x082efa98ec4e6c89L,
                0x452821e638d01377L,
                0xbe5466cf34e90c6cL))
        .isEqualTo(0xa528f45403e61d95L);
  }

  @Test
  void numbers_lie_in_the_unit_interval_and_fill_it_evenly() {
    int[] counts = new int[64];
    int draws = 64_000;
    double sum = 0;
    for (int position = 0; position < draws; position++) {
      double u = new Randomness(42, 0).uniform(position, Randomness.SAMPLE);
      assertThat(u).isGreaterThanOrEqualTo(0).isLessThan(1);
      counts[(int) (u * counts.length)]++;
      sum += u;
    }
    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += (count - 1000.0) * (count - 1000.0) / 1000;
    }
    // 63 degrees of freedom: 103.4 is exceeded once in a thousand
    assertThat(chiSquared).isLessThan(103.4).isGreaterThan(33);
    assertThat(sum / draws).isBetween(0.495, 0.505);
  }

  @Test
  void seed_sequence_position_and_purpose_each_change_the_draw() {
    Set<Double> draws = new HashSet<>();
    long[] purposes = {Randomness.SAMPLE, Randomness.purpose("accept"), Randomness.purpose("xtc")};
    for (long seed = 0; seed < 5; seed++) {
      for (long sequence = 0; sequence < 5; sequence++) {
        for (long position = 0; position < 5; position++) {
          for (long purpose : purposes) {
            draws.add(new Randomness(seed, sequence).uniform(position, purpose));
          }
        }
      }
    }
    assertThat(draws).hasSize(5 * 5 * 5 * 3);
  }

  @Test
  void a_draw_is_the_same_whenever_it_is_made() {
    double first = new Randomness(1, 2).uniform(3, 4);
    new Randomness(1, 2).uniform(9, 9);
    assertThat(new Randomness(1, 2).uniform(3, 4)).isEqualTo(first);
  }

  /** draft-eastlake-fnv: FNV-1a, 64 bits. */
  @Test
  void purposes_are_fnv_hashes_of_their_names() {
    assertThat(Randomness.purpose("")).isEqualTo(0xcbf29ce484222325L);
    assertThat(Randomness.purpose("a")).isEqualTo(0xaf63dc4c8601ec8cL);
    assertThat(Randomness.purpose("foobar")).isEqualTo(0x85944171f73967e8L);
  }
}
