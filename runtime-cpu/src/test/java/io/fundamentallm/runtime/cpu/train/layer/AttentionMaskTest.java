package io.fundamentallm.runtime.cpu.train.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttentionMaskTest {
  private static final int BEGIN = 8;
  private static final int END = 9;
  private static final int PAD = 7;

  private static int[] begins(AttentionMask mask, int rows) {
    return IntStream.range(0, rows).map(mask::begin).toArray();
  }

  @Test
  void documents_begin_at_the_begin_token_and_with_each_window() {
    int[] inputs = {1, END, BEGIN, 2, END, BEGIN, 1, 2, BEGIN, 3};
    AttentionMask mask =
        AttentionMask.of(inputs, 5, OptionalInt.of(BEGIN), OptionalInt.of(END), -100);
    assertThat(begins(mask, 10)).containsExactly(0, 0, 2, 2, 2, 0, 0, 0, 3, 3);
  }

  @Test
  void without_a_begin_token_they_begin_after_the_end_token_and_the_padding_behind_it() {
    int[] inputs = {1, END, PAD, PAD, 2, 3, END, 1, PAD, 2};
    AttentionMask mask =
        AttentionMask.of(inputs, 10, OptionalInt.empty(), OptionalInt.of(END), PAD);
    assertThat(begins(mask, 10)).containsExactly(0, 0, 2, 3, 4, 4, 4, 7, 7, 7);
  }

  @Test
  void a_token_that_begins_and_ends_begins() {
    int[] inputs = {END, 1, 2, END, 3};
    AttentionMask mask =
        AttentionMask.of(inputs, 5, OptionalInt.of(END), OptionalInt.of(END), -100);
    assertThat(begins(mask, 5)).containsExactly(0, 0, 0, 3, 3);
  }

  @Test
  void padding_is_hidden_from_all_but_itself() {
    int[] inputs = {1, 2, PAD, PAD, 3, PAD};
    AttentionMask mask = AttentionMask.padded(inputs, 6, PAD);
    for (int row = 0; row < 6; row++) {
      float[] scores = new float[8];
      mask.hidePadding(row, mask.begin(row), scores, 1);
      float[] expected = new float[8];
      for (int key = 0; key < row; key++) {
        expected[1 + key] = inputs[key] == PAD ? Float.NEGATIVE_INFINITY : 0;
      }
      assertThat(scores).as(Arrays.toString(inputs) + " at " + row).isEqualTo(expected);
    }
  }
}
