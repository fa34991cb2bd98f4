package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.training.TokenSequence;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TokenPartsTest {
  private static final long SIZE = 1_500_000_000;

  /** Tokens that tell their place, without memory for them. */
  private record Counting(long first, long size) implements TokenSequence {
    @Override
    public void read(long from, int[] into, int offset, int count) {
      Objects.checkFromIndexSize(from, count, size);
      for (int i = 0; i < count; i++) {
        into[offset + i] = token(first + from + i);
      }
    }

    static int token(long place) {
      return (int) (place % 1_000_003);
    }
  }

  /** More than 2^31 tokens before the last file, and one file without any. */
  private final TokenSequence all =
      new TokenParts(
          List.of(
              new Counting(0, SIZE),
              new Counting(SIZE, 3),
              new Counting(SIZE + 3, 0),
              new Counting(SIZE + 3, SIZE),
              new Counting(2 * SIZE + 3, SIZE)));

  @Test
  void any_place_of_more_tokens_than_an_int_counts_is_read_from_its_file() {
    assertThat(all.size()).isEqualTo(3 * SIZE + 3);
    for (long from :
        new long[] {
          0,
          7,
          SIZE - 5,
          SIZE,
          SIZE + 3,
          1L << 31,
          2 * SIZE - 2,
          2 * SIZE + 3,
          1L << 32,
          3 * SIZE - 17
        }) {
      int[] tokens = new int[22];
      all.read(from, tokens, 1, 20);
      assertThat(tokens[0]).isZero();
      assertThat(tokens[21]).isZero();
      for (int i = 0; i < 20; i++) {
        assertThat(tokens[1 + i]).as("token %d", from + i).isEqualTo(Counting.token(from + i));
      }
    }
  }

  @Test
  void the_end_is_the_end() {
    all.read(all.size(), new int[0], 0, 0);
    int[] last = new int[1];
    all.read(all.size() - 1, last, 0, 1);
    assertThat(last[0]).isEqualTo(Counting.token(3 * SIZE + 2));
    assertThatThrownBy(() -> all.read(all.size(), new int[1], 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void shares_of_it_meet_without_gap() {
    long next = 0;
    for (int worker = 0; worker < 7; worker++) {
      TokenSequence share = TokenParts.share(all, worker, 7);
      int[] first = new int[1];
      share.read(0, first, 0, 1);
      assertThat(first[0]).isEqualTo(Counting.token(next));
      next += share.size();
    }
    assertThat(next).isEqualTo(all.size());
  }
}
