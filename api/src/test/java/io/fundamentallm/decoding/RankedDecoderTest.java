package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.contract.ToyModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Sequences in an order of the caller's own. */
class RankedDecoderTest extends DecoderContract {
  private static final int[] PROMPT = {256, 'a'};
  private static final Decoder FOUR = Decoders.parse("sampling(n=4)");

  private final ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());

  @Override
  protected Decoder decoder() {
    return FOUR.ranked(RankedDecoderTest::reversed);
  }

  @Test
  void the_sequence_that_the_ranking_puts_first_is_delivered() {
    List<GeneratedSequence> plain = run(FOUR);
    try (Generation generation = decode(decoder())) {
      List<Token> tokens = new ArrayList<>();
      generation.forEachRemaining(tokens::add);
      assertThat(tokens).isEqualTo(plain.get(3).tokens()).isNotEqualTo(plain.get(0).tokens());
      assertThat(generation.sequences()).isEqualTo(reversed(plain));
      assertThat(generation.summary().generatedTokens()).isEqualTo(tokens.size());
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_ranking_may_leave_sequences_out_but_not_all() {
    assertThat(run(FOUR.ranked(all -> all.subList(1, 2)))).hasSize(1);
    Generation none = decode(FOUR.ranked(all -> List.of()));
    assertThatIllegalStateException()
        .isThrownBy(none::hasNext)
        .withMessageContaining("at least one sequence");
    Generation nothing = decode(FOUR.ranked(all -> Collections.singletonList(null)));
    assertThatIllegalStateException()
        .isThrownBy(nothing::hasNext)
        .withMessageContaining("no null, but left [null]");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_ranking_that_throws_fails_the_generation_and_frees_its_sessions() {
    Generation failing =
        decode(
            FOUR.ranked(
                all -> {
                  throw new IllegalStateException("no opinion");
                }));
    assertThatIllegalStateException().isThrownBy(failing::hasNext).withMessage("no opinion");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void rankings_may_be_ranked_again() {
    Comparator<GeneratedSequence> byText = Comparator.comparing(GeneratedSequence::text);
    UnaryOperator<List<GeneratedSequence>> sorted = all -> all.stream().sorted(byText).toList();
    assertThat(run(FOUR.ranked(RankedDecoderTest::reversed).ranked(sorted)))
        .isEqualTo(run(FOUR.ranked(sorted)));
  }

  @Test
  void a_time_limit_ends_it_before_there_is_anything_to_rank() {
    DecodingOptions none = options().timeLimit(Duration.ZERO).build();
    Generation generation = decoder().decode(model, PROMPT, none);
    assertThat(generation.hasNext()).isFalse();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_ranking_is_needed() {
    assertThatNullPointerException().isThrownBy(() -> FOUR.ranked(null)).withMessage("ranking");
  }

  private List<GeneratedSequence> run(Decoder decoder) {
    try (Generation generation = decode(decoder)) {
      generation.forEachRemaining(token -> {});
      return generation.sequences();
    }
  }

  private Generation decode(Decoder decoder) {
    return decoder.decode(model, PROMPT, options().build());
  }

  private static DecodingOptions.Builder options() {
    return DecodingOptions.builder()
        .tokenizer(ByteTokenizer.withBeginAndEnd())
        .seed(3)
        .maxNewTokens(12);
  }

  private static List<GeneratedSequence> reversed(List<GeneratedSequence> sequences) {
    List<GeneratedSequence> reversed = new ArrayList<>(sequences);
    Collections.reverse(reversed);
    return reversed;
  }
}
