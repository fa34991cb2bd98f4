package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a mask may take, and what is left when it took too much or was not waited for. */
@Timeout(600)
class MaskWorkTest {
  private static final int LETTERS = 64;

  /** Each letter is read by a place of its own, so that no two tokens lead to the same state. */
  private static final String HOSTILE =
      IntStream.range(0, LETTERS)
          .mapToObj(i -> "[\\x" + Integer.toHexString('0' + i) + "] root root | ")
          .collect(Collectors.joining("", "root ::= ", "\"\""));

  private static final Pieces PAIRS = pairs();

  /** All bytes, and all pairs of the letters. */
  private static Pieces pairs() {
    List<byte[]> pieces = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      pieces.add(new byte[] {(byte) value});
    }
    for (int i = 0; i < LETTERS * LETTERS; i++) {
      pieces.add(new byte[] {(byte) ('0' + i / LETTERS), (byte) ('0' + i % LETTERS)});
    }
    return new Pieces(pieces, false);
  }

  private static TokenConstraint generation(SamplerStage stage) {
    return Bound.of(stage, PAIRS, PAIRS.vocabulary().size(), PAIRS.end());
  }

  private static void accept(TokenConstraint constraint, int count) {
    for (int i = 0; i < count; i++) {
      constraint.accept('0' + i % LETTERS);
    }
  }

  @Test
  void a_mask_that_takes_too_many_steps_fails_its_generation_alone() {
    SamplerStage stage = Bound.stage("grammar", HOSTILE);
    TokenConstraint other = generation(stage);
    long[] before = other.mask();
    TokenConstraint hostile = generation(stage);
    accept(hostile, 300);
    for (int i = 0; i < 2; i++) { // what is known by then changes nothing
      assertThatExceptionOfType(ConstraintException.class)
          .isThrownBy(hostile::mask)
          .withMessageContaining("the next token can be read in too many ways")
          .withMessageContaining("too ambiguous");
    }
    assertThat(other.mask()).isEqualTo(before);
    accept(other, 2);
    TokenConstraint alone = generation(Bound.stage("grammar", HOSTILE));
    accept(alone, 2);
    assertThat(other.mask()).isEqualTo(alone.mask());
    hostile.rollback(298);
    assertThat(hostile.mask()).isEqualTo(alone.mask());
  }

  @Test
  void an_interrupted_thread_computes_no_mask() {
    TokenConstraint constraint = generation(Bound.stage("grammar", HOSTILE));
    accept(constraint, 3);
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(CancellationException.class).isThrownBy(constraint::mask);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    TokenConstraint alone = generation(Bound.stage("grammar", HOSTILE));
    accept(alone, 3);
    assertThat(constraint.mask()).isEqualTo(alone.mask());
  }
}
