package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("once") // with the Vector API
class PrefetchTest {
  /** Often enough for the compiler. */
  private static final int TIMES = 20_000;

  @Test
  void nothing_is_written() {
    Random random = new Random(1);
    int[] ints = random.ints(3 * Prefetch.WINDOW).toArray();
    float[] floats = new float[3 * Prefetch.WINDOW];
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
  void every_second_line_of_the_next_window_is_asked_for_once() {
    int start = 3 * Prefetch.WINDOW;
    List<Integer> asked = new ArrayList<>();
    List<Integer> following = new ArrayList<>();
    for (int i = start; i < start + Prefetch.WINDOW; i += Prefetch.LINE) {
      if (Prefetch.asks(i)) {
        asked.add(Prefetch.next(i, Integer.MAX_VALUE));
      }
    }
    for (int i = start; i < start + Prefetch.WINDOW; i += 2 * Prefetch.LINE) {
      following.add(i + Prefetch.WINDOW);
    }
    assertThat(asked).containsExactlyInAnyOrderElementsOf(following);
    assertThat(asked.get(1) - asked.get(0)).isGreaterThanOrEqualTo(1024); // another page
  }

  @Test
  void nothing_behind_the_array_is_asked_for_but_what_comes_before_its_end() {
    int lines = 7; // of the last window, of which every second one
    int length = Prefetch.WINDOW + lines * Prefetch.LINE;
    Set<Integer> asked = new TreeSet<>();
    for (int i = 0; i < length; i += Prefetch.LINE) {
      if (Prefetch.asks(i)) {
        asked.add(Prefetch.next(i, length));
      }
    }
    assertThat(asked)
        .isEqualTo(
            IntStream.range(0, lines)
                .filter(line -> line % 2 == 0)
                .map(line -> Prefetch.WINDOW + line * Prefetch.LINE)
                .boxed()
                .collect(Collectors.toSet()));
  }

  /** Blocks of four and of twenty lines. */
  @ParameterizedTest
  @ValueSource(ints = {64, 320})
  void every_second_line_of_the_next_blocks_is_asked_for_once(int ints) {
    int window = 32 * ints;
    Set<Integer> following = new TreeSet<>();
    List<Integer> asked = new ArrayList<>();
    for (int at = window; at < 2 * window; at += ints) {
      asked.addAll(askedFor(at, ints, 4 * window));
    }
    for (int i = 2 * window; i < 3 * window; i += 2 * Prefetch.LINE) {
      following.add(i);
    }
    assertThat(asked).containsExactlyInAnyOrderElementsOf(following);
  }

  /** Half a block may follow the last one. */
  @Test
  void near_the_end_of_an_array_lines_of_its_last_blocks_are_asked_for() {
    int ints = 320;
    int window = 32 * ints;
    for (int length = window; length <= 70 * ints; length += ints / 2) {
      assertThat(Prefetch.places(ints, length)).isTrue();
      int end = length - Prefetch.LINE;
      int last = length - window;
      for (int at = 0; at + ints <= length; at += ints) {
        int next = Math.min(at / window * window + window, last);
        assertThat(askedFor(at, ints, length)).allMatch(line -> line >= next && line <= end);
      }
    }
    assertThat(Prefetch.places(ints, window - 1)).isFalse();
  }

  @Test
  void the_end_of_the_largest_array_is_not_overrun() {
    int ints = 320;
    int length = Integer.MAX_VALUE - 8;
    int at = length / ints * ints - ints;
    assertThat(askedFor(at, ints, length))
        .allMatch(line -> line >= length - 32 * ints && line <= length - Prefetch.LINE);
  }

  private static List<Integer> askedFor(int at, int ints, int length) {
    return IntStream.range(0, ints / (2 * Prefetch.LINE))
        .map(i -> Prefetch.place(at, ints, length) + i * Prefetch.PLACE)
        .boxed()
        .toList();
  }
}
