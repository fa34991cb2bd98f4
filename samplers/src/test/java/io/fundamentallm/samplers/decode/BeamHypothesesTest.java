package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.samplers.decode.ReferenceBeam.Written;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Stops, constraints, penalties and context policies work for each hypothesis. */
class BeamHypothesesTest {
  private static final int V = 7;
  private static final int END = 6;
  private static final int[] PROMPT = {1, 2, 3};

  private static ToyModel hashing() {
    return new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), ToyModel.hashing());
  }

  private static DecodingOptions.Builder max(int maxNewTokens) {
    return DecodingOptions.builder().maxNewTokens(maxNewTokens).seed(1);
  }

  private static List<GeneratedSequence> run(String spec, DecodingOptions.Builder options) {
    return Searches.run(spec, hashing(), PROMPT, options.build());
  }

  /** Halves the positive and doubles the negative scores of what was said, remembering it. */
  private static final class Remembering implements Sampler, Stateful {
    private final List<Integer> seen;

    Remembering(List<Integer> seen) {
      this.seen = new ArrayList<>(seen);
    }

    @Override
    public void process(Step step) {
      Logits logits = step.logits();
      Set.copyOf(seen).forEach(token -> penalise(logits, token));
    }

    static void penalise(Logits logits, int token) {
      float score = logits.score(token);
      logits.setScore(token, score > 0 ? score / 2 : score * 2);
    }

    @Override
    public int sample(Step step) {
      throw new AssertionError("beams choose by themselves");
    }

    @Override
    public void accept(int token) {
      seen.add(token);
    }

    @Override
    public Remembering fork() {
      return new Remembering(seen);
    }

    @Override
    public void rollback(int tokens) {
      seen.subList(seen.size() - tokens, seen.size()).clear();
    }
  }

  @Test
  void penalties_work_on_raw_logits_of_each_hypothesis_with_what_it_remembers() {
    ToyModel.Scores penalised =
        (tokens, length, row) -> {
          ToyModel.hashing().score(tokens, length, row);
          Logits logits = Logits.of(row);
          Arrays.stream(tokens, PROMPT.length, length)
              .distinct()
              .forEach(token -> Remembering.penalise(logits, token));
        };
    ReferenceBeam reference = new ReferenceBeam(penalised, V, END, PROMPT, 6);
    List<Written> expected = reference.search(5, 1, (worst, sum, length) -> false);
    List<GeneratedSequence> actual =
        run("beam(width=5,n=5)", max(6).sampler(binding -> new Remembering(List.of())));
    assertThat(Searches.allIds(actual)).isEqualTo(expected.stream().map(Written::tokens).toList());
    assertThat(actual.get(4).score()).isCloseTo(expected.get(4).score(), within(1e-9));
  }

  @Test
  void stages_that_filter_leave_a_distribution_of_their_own() {
    Recipe<Sampler> topThree = Samplers.parse("top-k=3");
    List<GeneratedSequence> all = run("beam(width=81,n=81)", max(4).sampler(topThree));
    double mass = 0;
    for (GeneratedSequence sequence : all) {
      mass += Math.exp(sequence.score() * sequence.tokens().size());
    }
    assertThat(mass).isCloseTo(1, within(1e-9));
  }

  @Test
  void every_hypothesis_keeps_the_constraint_and_certain_tokens_need_no_pass() {
    ToyModel model = hashing();
    DecodingOptions.Builder options =
        max(6).constraint(binding -> new Dictated(V, new ArrayList<>()));
    List<GeneratedSequence> best =
        Searches.run("beam(width=5,n=5,length-penalty=2)", model, PROMPT, options.build());
    for (GeneratedSequence sequence : best) {
      List<Integer> ids = Searches.ids(sequence);
      for (int i = 0; i < ids.size(); i++) {
        assertThat(i % 3 == 0 || ids.get(i) == i % 3).as("%s", ids).isTrue();
      }
    }
    // the prompt, then once for the two certain tokens after the first free one
    assertThat(model.forwards()).isEqualTo(2);
    List<GeneratedSequence> reported =
        Searches.run(
            "beam(width=5,n=5,length-penalty=2)", model, PROMPT, options.alternatives(1).build());
    assertThat(Searches.allIds(reported)).isEqualTo(Searches.allIds(best));
    GeneratedSequence longest =
        reported.stream()
            .filter(sequence -> sequence.tokens().size() == 6)
            .findFirst()
            .orElseThrow();
    assertThat(longest.tokens().get(1).processedLogProbability()).isZero();
    assertThat(longest.tokens().get(1).logProbability()).isNegative();
    assertThat(reported.get(0).score()).isEqualTo(best.get(0).score());
  }

  @Test
  void stop_strings_end_hypotheses_one_by_one() {
    // three letters; what says "ab" ends there
    ToyModel.Scores letters =
        (tokens, length, row) -> {
          float[] three = new float[3];
          ToyModel.hashing().score(tokens, length, three);
          Arrays.fill(row, Float.NEGATIVE_INFINITY);
          System.arraycopy(three, 0, row, 'a', 3);
        };
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), letters);
    ByteTokenizer bytes = ByteTokenizer.withBeginAndEnd();
    DecodingOptions options =
        max(5).tokenizer(bytes).stopStrings(List.of("ab")).alternatives(0).build();
    List<GeneratedSequence> best =
        Searches.run("beam(width=243,n=243)", model, new int[] {256}, options);
    double mass = 0;
    for (GeneratedSequence sequence : best) {
      boolean stopped = sequence.finishReason() == FinishReason.STOP_STRING;
      assertThat(sequence.matchedStop().isPresent()).isEqualTo(stopped);
      assertThat(sequence.text())
          .hasSize(sequence.tokens().size() - (stopped ? 2 : 0))
          .doesNotContain("ab");
      assertThat(bytes.decode(ids(sequence)).endsWith("ab")).isEqualTo(stopped);
      mass += Math.exp(sequence.logProbability());
    }
    assertThat(mass).isCloseTo(1, within(1e-9));
    assertThat(best).isSortedAccordingTo(Comparator.comparing(GeneratedSequence::score).reversed());
  }

  private static int[] ids(GeneratedSequence sequence) {
    return sequence.tokens().stream().mapToInt(token -> token.id()).toArray();
  }

  @Test
  void stop_tokens_and_conditions_end_hypotheses_too() {
    List<GeneratedSequence> best =
        run(
            "beam(width=7,n=7,length-penalty=0)",
            max(5).stopTokens(Set.of(2)).stopConditions(List.of(history -> endsIn(history, 4, 4))));
    for (GeneratedSequence sequence : best) {
      List<Integer> ids = Searches.ids(sequence);
      int last = ids.get(ids.size() - 1);
      FinishReason expected =
          last == 2
              ? FinishReason.STOP_TOKEN
              : last == END
                  ? FinishReason.END_TOKEN
                  : ids.size() == 5 ? FinishReason.MAX_NEW_TOKENS : FinishReason.STOP_CONDITION;
      assertThat(sequence.finishReason()).isEqualTo(expected);
      assertThat(ids.subList(0, ids.size() - 1)).doesNotContain(2, END);
    }
    assertThat(best).anyMatch(s -> s.finishReason() == FinishReason.STOP_TOKEN);
  }

  private static boolean endsIn(History history, int... tokens) {
    return history.generated() >= tokens.length
        && Arrays.equals(
            history.tokens(history.length() - tokens.length, history.length()), tokens);
  }

  @Test
  void none_ends_before_the_fewest_tokens() {
    List<GeneratedSequence> free = run("beam(width=6,n=6,length-penalty=-1)", max(9));
    assertThat(free).anyMatch(sequence -> sequence.tokens().size() < 4);
    List<GeneratedSequence> longer =
        run("beam(width=6,n=6,length-penalty=-1)", max(9).minNewTokens(4));
    assertThat(longer).allMatch(sequence -> sequence.tokens().size() > 4);
  }

  @Test
  void a_hypothesis_that_nothing_can_follow_is_given_up() {
    // 0 is likelier, but nothing can follow it
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, Float.NEGATIVE_INFINITY);
          if (tokens[length - 1] != 0) {
            row[0] = 1;
            row[1] = 0;
          }
        };
    ToyModel model = new ToyModel(ToyModel.info(V, 64).build(), scores);
    List<GeneratedSequence> best = Searches.run("beam(n=4)", model, PROMPT, max(3).build());
    assertThat(Searches.allIds(best)).containsExactly(List.of(1, 1, 0), List.of(1, 1, 1));
    ToyModel.Scores nothing = (tokens, length, row) -> Arrays.fill(row, Float.NEGATIVE_INFINITY);
    Generation failing =
        Decoders.parse("beam").decode(new ToyModel(model.info(), nothing), PROMPT, max(3).build());
    assertThatExceptionOfType(NoTokenException.class)
        .isThrownBy(failing::hasNext)
        .withMessageContaining("no hypothesis of the beam can continue");
  }

  @Test
  void context_policies_work_for_each_hypothesis() {
    ToyModel model = new ToyModel(ToyModel.info(V, 8).build(), ToyModel.hashing());
    for (ContextPolicy policy :
        List.of(
            ContextPolicy.truncateLeft(),
            ContextPolicy.slide(2),
            ContextPolicy.attentionSinks(1))) {
      DecodingOptions options = max(20).contextPolicy(policy).sampler(Samplers.greedy()).build();
      assertThat(Searches.allIds(Searches.run("beam(width=1)", model, PROMPT, options)))
          .isEqualTo(Searches.allIds(Searches.run("sampling", model, PROMPT, options)));
      assertThat(Searches.run("beam(n=4)", model, PROMPT, options))
          .hasSize(4)
          .allMatch(sequence -> sequence.tokens().size() == 20);
    }
  }

  @Test
  void a_policy_is_asked_once_for_each_token_that_has_no_room() {
    List<int[]> asked = new ArrayList<>();
    ContextPolicy counting =
        (context, info) -> {
          asked.add(context);
          return ContextPolicy.truncateLeft().onFull(context, info);
        };
    ToyModel model = new ToyModel(ToyModel.info(V, 8).build(), ToyModel.hashing());
    Searches.run("beam", model, PROMPT, max(8).contextPolicy(counting).build());
    assertThat(asked).hasSize(4);
  }

  @Test
  void a_full_context_can_end_hypotheses() {
    ToyModel model = new ToyModel(ToyModel.info(V, 8).build(), ToyModel.hashing());
    DecodingOptions options = max(20).contextPolicy(ContextPolicy.stop()).build();
    assertThat(Searches.run("beam(n=4)", model, PROMPT, options))
        .hasSize(4)
        .allMatch(sequence -> sequence.finishReason() == FinishReason.CONTEXT_FULL)
        .allMatch(sequence -> sequence.tokens().size() == 6);
    assertThatIllegalStateException()
        .isThrownBy(() -> Searches.run("beam", model, new int[9], options))
        .withMessageContaining("the prompt of 9 tokens does not fit");
  }

  @Test
  void traces_tell_what_the_stages_did_for_each_hypothesis() {
    List<Integer> stages = new ArrayList<>();
    run(
        "beam(width=2)",
        max(3)
            .sampler(Samplers.parse("top-k=3,temperature=0.5"))
            .trace((position, token, trace) -> stages.add(trace.size())));
    assertThat(stages).hasSizeGreaterThanOrEqualTo(6).containsOnly(2);
  }
}
