package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.PrefixCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BeamSearchTest {
  private static final int V = 7;
  private static final int END = 6;
  private static final int[] PROMPT = {1, 2, 3};

  private static ToyModel hashing(Integer... ends) {
    return new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(ends)).build(), ToyModel.hashing());
  }

  private static DecodingOptions.Builder max(int maxNewTokens) {
    return DecodingOptions.builder().maxNewTokens(maxNewTokens).seed(1);
  }

  private static List<GeneratedSequence> run(String spec, ToyModel model, int maxNewTokens) {
    return Searches.run(spec, model, PROMPT, max(maxNewTokens).build());
  }

  @Test
  void all_live_hypotheses_are_read_in_one_pass_a_step_and_nothing_is_read_twice() {
    ToyModel model = hashing();
    run("beam(width=4)", model, 6);
    assertThat(model.forwards()).isEqualTo(6);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 4 * 5);
    ToyModel grouped = hashing();
    run("beam(width=6,groups=3,diversity-penalty=1)", grouped, 6);
    assertThat(grouped.forwards()).isEqualTo(6);
    assertThat(grouped.computed()).isEqualTo(PROMPT.length + 6 * 5);
  }

  @Test
  void the_n_best_are_different_and_come_in_order() {
    List<GeneratedSequence> best = run("beam(width=8,n=8,length-penalty=0.6)", hashing(END), 12);
    assertThat(best).hasSize(8);
    assertThat(new HashSet<>(Searches.allIds(best))).hasSize(8);
    assertThat(best)
        .isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()))
        .allSatisfy(sequence -> assertThat(sequence.score()).isNegative());
  }

  @Test
  void there_are_no_more_sequences_than_can_be_written() {
    assertThat(run("beam(width=20,n=20)", hashing(), 1)).hasSize(V);
  }

  @Test
  void among_equals_the_better_hypothesis_stands_first_and_then_the_lower_token() {
    ToyModel flat = new ToyModel(ToyModel.info(V, 64).build(), (tokens, length, row) -> {});
    assertThat(Searches.allIds(run("beam(width=4,n=4)", flat, 2)))
        .containsExactly(List.of(0, 0), List.of(0, 1), List.of(0, 2), List.of(0, 3));
    assertThat(Searches.allIds(run("beam(width=9,n=9)", flat, 2)))
        .startsWith(List.of(0, 0))
        .endsWith(List.of(1, 0), List.of(1, 1));
  }

  @Test
  void a_hypothesis_that_ends_counts_only_among_the_best_candidates_of_the_width() {
    // the end is third, behind two tokens that go on
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, Float.NEGATIVE_INFINITY);
          if (length > PROMPT.length) {
            Arrays.fill(row, 0, END, 0); // much is likely later, so nothing is as likely as it was
            return;
          }
          row[0] = 3;
          row[1] = 2;
          row[END] = 1;
        };
    ToyModel model = new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), scores);
    assertThat(Searches.allIds(run("beam(width=2,n=2,length-penalty=0)", model, 3)))
        .noneMatch(ids -> ids.contains(END));
    assertThat(Searches.allIds(run("beam(width=3,n=3,length-penalty=0)", model, 3)))
        .contains(List.of(END));
  }

  @Test
  void many_end_tokens_leave_a_full_beam() {
    // five of seven tokens end: each step offers two that go on for each hypothesis
    ToyModel model = hashing(2, 3, 4, 5, 6);
    List<GeneratedSequence> best = run("beam(width=4,n=4,length-penalty=10)", model, 8);
    assertThat(best).hasSize(4);
    assertThat(model.forwards()).isEqualTo(8);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 2 + 4 * 6);
  }

  @ParameterizedTest
  @CsvSource({"true, 2", "false, 3", "proven, 3"})
  void early_stopping_decides_how_long_it_searches(String stopping, int passes) {
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, Float.NEGATIVE_INFINITY);
          // first the end at 0.5, then at 0.1, then at 0.9
          double[] ends = {0.5, 0.1, 0.9};
          double p = ends[Math.min(2, length - PROMPT.length)];
          row[END] = (float) Math.log(p);
          row[0] = (float) Math.log((1 - p) * 0.9);
          row[1] = (float) Math.log((1 - p) * 0.1);
        };
    ToyModel model = new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), scores);
    run("beam(width=2,n=2,length-penalty=0,early-stopping=" + stopping + ")", model, 20);
    assertThat(model.forwards()).isEqualTo(passes);
  }

  @Test
  void a_positive_length_penalty_gives_long_hypotheses_a_chance_until_it_is_proven() {
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, -30);
          // 0.6 against 0.4 to end at once; but what goes on is certain from then on
          boolean first = length == PROMPT.length;
          row[END] = first ? (float) Math.log(0.6) : -30;
          row[0] = first ? (float) Math.log(0.4) : 0;
        };
    ToyModel model = new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), scores);
    List<GeneratedSequence> proven = run("beam(width=2,length-penalty=1)", model, 10);
    assertThat(Searches.ids(proven.get(0))).hasSize(10).containsOnly(0);
    assertThat(proven.get(0).score()).isCloseTo(Math.log(0.4) / 10, within(1e-6));
    List<GeneratedSequence> shortest = run("beam(width=2,length-penalty=0)", model, 10);
    assertThat(Searches.ids(shortest.get(0))).containsExactly(END);
  }

  @Test
  void groups_without_a_penalty_are_independent_beams() {
    List<GeneratedSequence> one = run("beam(width=2,n=2)", hashing(END), 8);
    List<GeneratedSequence> three = run("beam(width=6,groups=3,n=6)", hashing(END), 8);
    List<List<Integer>> expected = new ArrayList<>();
    one.forEach(
        sequence ->
            expected.addAll(
                List.of(Searches.ids(sequence), Searches.ids(sequence), Searches.ids(sequence))));
    assertThat(Searches.allIds(three)).isEqualTo(expected);
  }

  @Test
  void later_groups_pay_for_each_choice_of_the_earlier_at_the_same_step() {
    // probabilities 1/2, 1/4, 1/8, …: 3/2 is more than ln 4, the distance of two tokens
    ToyModel model =
        new ToyModel(
            ToyModel.info(V, 64).build(),
            (tokens, length, row) -> {
              for (int token = 0; token < V; token++) {
                row[token] = (float) (-token * Math.log(2));
              }
            });
    double first = -Math.log(2 - Math.pow(2, 1 - V));
    List<GeneratedSequence> apart =
        run("beam(width=3,groups=3,diversity-penalty=1.5,n=3)", model, 1);
    assertThat(Searches.allIds(apart)).containsExactly(List.of(0), List.of(1), List.of(2));
    assertThat(apart.get(2).score()).isCloseTo(first - 2 * Math.log(2), within(1e-6));
    // 1/2 is less than ln 2: both take the first token, and the second pays for it
    List<GeneratedSequence> near =
        run("beam(width=2,groups=2,diversity-penalty=0.5,n=2)", model, 1);
    assertThat(Searches.allIds(near)).containsExactly(List.of(0), List.of(0));
  }

  @Test
  void what_ends_a_hypothesis_costs_later_groups_nothing() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(V, 64).endTokens(Set.of(END)).build(),
            (tokens, length, row) -> row[END] = 5);
    List<GeneratedSequence> best = run("beam(width=2,groups=2,diversity-penalty=9,n=2)", model, 3);
    assertThat(Searches.allIds(best)).containsOnly(List.of(END));
    assertThat(best.get(1).score()).isEqualTo(best.get(0).score());
  }

  @Test
  void penalties_for_diversity_count_in_the_score() {
    ToyModel model =
        new ToyModel(ToyModel.info(V, 64).build(), ToyModel.scripted(PROMPT.length, 4));
    List<GeneratedSequence> best =
        run("beam(width=2,groups=2,diversity-penalty=0.5,n=2,length-penalty=0)", model, 3);
    assertThat(Searches.allIds(best)).containsOnly(List.of(4, 4, 4));
    assertThat(best.get(0).score()).isZero();
    assertThat(best.get(1).score()).isCloseTo(-1.5, within(1e-9));
  }

  @Test
  void what_it_reports_of_each_token_is_the_models_own() {
    List<GeneratedSequence> best =
        Searches.run("beam(n=2)", hashing(), PROMPT, max(5).alternatives(2).build());
    for (GeneratedSequence sequence : best) {
      double sum = 0;
      for (Token token : sequence.tokens()) {
        assertThat(token.alternatives()).hasSize(2);
        assertThat(token.processedLogProbability()).isCloseTo(token.logProbability(), within(1e-9));
        sum += token.logProbability();
      }
      assertThat(sequence.score()).isCloseTo(sum / 5, within(1e-9));
      assertThat(sequence.logProbability()).isCloseTo(sum, within(1e-9));
    }
  }

  @Test
  void the_prompt_comes_from_a_prefix_cache_and_the_result_is_the_same() {
    try (PrefixCache cache = PrefixCache.of(100)) {
      ToyModel model = hashing(END);
      DecodingOptions options = max(6).prefixCache(cache).build();
      Decoders.parse("beam(n=4)").decode(model, PROMPT, options).forEachRemaining(token -> {});
      long before = model.computed();
      Generation again = Decoders.parse("beam(n=4)").decode(model, PROMPT, options);
      again.forEachRemaining(token -> {});
      assertThat(again.summary().cachedTokens()).isEqualTo(PROMPT.length - 1);
      assertThat(model.computed() - before).isEqualTo(before - (PROMPT.length - 1));
      assertThat(Searches.allIds(again.sequences()))
          .isEqualTo(Searches.allIds(run("beam(n=4)", hashing(END), 6)));
    }
  }

  @Test
  void options_out_of_range_are_refused_by_name() {
    for (String[] wrong :
        new String[][] {
          {"beam(width=0)", "option \"width\": \"0\" is not a whole number in [1, 65536]"},
          {"beam(width=3,n=4)", "option \"n\": \"4\" is not a whole number in [1, 3]"},
          {"beam(width=4,groups=3)", "option \"groups\": \"3\" is not a divisor of the width 4"},
          {"beam(diversity-penalty=1)", "is not 0, which it must be with one group"},
          {"beam(width=2,groups=2,diversity-penalty=-1)", "is not in [0, infinity)"},
          {
            "beam(length-penalty=NaN)",
            "option \"length-penalty\": \"NaN\" is not a number in [-10, 10]"
          },
          {"beam(early-stopping=never)", "is not one of true, false, proven"},
          {"beam(beams=4)", "has no option \"beams\"; it takes: diversity-penalty"},
        }) {
      assertThatIllegalArgumentException()
          .as(wrong[0])
          .isThrownBy(() -> Decoders.parse(wrong[0]))
          .withMessageContaining(wrong[1]);
    }
  }

  @Test
  void a_nan_is_an_error_that_names_the_position() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(V, 64).build(),
            (tokens, length, row) -> row[5] = length == 5 ? Float.NaN : 0);
    Generation generation = Decoders.parse("beam").decode(model, PROMPT, max(9).build());
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(generation::hasNext)
        .withMessage("the logit of token 5 at position 5 is NaN");
    assertThat(model.openSessions()).isZero();
  }
}
