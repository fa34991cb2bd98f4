package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("once") // with the Vector API
class PrefetchTest {
  /** Often enough for the compiler. */
  private static final int TIMES = 20_000;

  @Test
  void nothing_is_written() {
    Random random = new Random(1);
    int[] ints = random.ints(64).toArray();
    float[] floats = new float[64];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = random.nextFloat();
    }
    int[] sameInts = ints.clone();
    float[] sameFloats = floats.clone();
    for (int time = 0; time < TIMES; time++) {
      int at = time % (ints.length - Prefetch.LINE + 1);
      Prefetch.line(ints, at);
      Prefetch.line(floats, at);
    }
    assertThat(ints).isEqualTo(sameInts);
    assertThat(floats).isEqualTo(sameFloats);
  }
}
