package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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
      Prefetch.after(ints, at);
      Prefetch.line(floats, at);
    }
    assertThat(ints).isEqualTo(sameInts);
    assertThat(floats).isEqualTo(sameFloats);
  }

  @Test
  void each_line_of_the_next_window_is_asked_for_once() {
    int start = 3 * Prefetch.WINDOW;
    int inLine = 5; // arrays need not begin with a line
    List<Integer> asked = new ArrayList<>();
    List<Integer> following = new ArrayList<>();
    for (int i = 0; i < Prefetch.WINDOW; i += Prefetch.LINE) {
      asked.add(Prefetch.next(start + i + inLine));
      following.add(start + Prefetch.WINDOW + i + inLine);
    }
    assertThat(asked).containsExactlyInAnyOrderElementsOf(following);
    assertThat(asked.get(1) - asked.get(0)).isGreaterThanOrEqualTo(1024); // another page
  }
}
