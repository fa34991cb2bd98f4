package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Stateful;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Several sequences of one prompt: {@code sampling(n=…)} and {@code sampling(best-of=…)}. */
class SamplingSequencesTest {
  private static final int V = 20;
  private static final int END = 19;
  private static final int[] PROMPT = {4, 2, 7};

  private static ToyModel hashing() {
    return new ToyModel(ToyModel.info(V, 64).endTokens(Set.of(END)).build(), ToyModel.hashing());
  }

  private static DecodingOptions.Builder options() {
    return DecodingOptions.builder().seed(3).maxNewTokens(12);
  }

  private static List<Integer> ids(List<Token> tokens) {
    return tokens.stream().map(Token::id).toList();
  }

  /** What a decoder returns; the first is what it iterates, and no session is left. */
  private static List<GeneratedSequence> run(
      String spec, ToyModel model, DecodingOptions.Builder options) {
    List<Token> iterated = new ArrayList<>();
    Generation generation = Decoders.parse(spec).decode(model, PROMPT, options.build());
    generation.forEachRemaining(iterated::add);
    List<GeneratedSequence> sequences = generation.sequences();
    assertThat(sequences.get(0).tokens()).isEqualTo(iterated);
    assertThat(sequences.get(0).finishReason()).isEqualTo(generation.finishReason());
    assertThat(model.openSessions()).isZero();
    return sequences;
  }

  /** Remembers what was said and filters it; wrong as soon as two sequences share it. */
  private record NeverAgain(List<Integer> said) implements Sampler, Stateful {
    @Override
    public int sample(Step step) {
      Logits logits = step.logits();
      logits.retainIf(index -> !said.contains(logits.token(index)));
      return new Draw().sample(step);
    }

    @Override
    public void accept(int token) {
      said.add(token);
    }

    @Override
    public NeverAgain fork() {
      return new NeverAgain(new ArrayList<>(said));
    }

    @Override
    public void rollback(int tokens) {
      said.subList(said.size() - tokens, said.size()).clear();
    }
  }

  @Test
  void fewer_written_than_returned_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SamplingDecoder(0, 1, false))
        .withMessageContaining("n 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SamplingDecoder(3, 2, true))
        .withMessageContaining("bestOf 2");
  }

  @Test
  void each_of_n_is_what_its_own_sequence_gives_alone() {
    for (Recipe<Sampler> sampler :
        List.<Recipe<Sampler>>of(Samplers.draw(), binding -> new NeverAgain(new ArrayList<>()))) {
      List<GeneratedSequence> together =
          run("sampling(n=5)", hashing(), options().sequence(2).sampler(sampler));
      assertThat(together).hasSize(5);
      for (int i = 0; i < 5; i++) {
        List<GeneratedSequence> alone =
            run("sampling", hashing(), options().sequence(2 * 5 + i).sampler(sampler));
        assertThat(together.get(i)).isEqualTo(alone.get(0));
        assertThat(together.get(i).score()).isNaN();
      }
      assertThat(together).extracting(GeneratedSequence::tokens).doesNotHaveDuplicates();
    }
  }

  @Test
  void the_prompt_is_read_once_and_each_step_is_one_pass() {
    ToyModel model = new ToyModel(ToyModel.info(V, 64).build(), ToyModel.hashing());
    run("sampling(n=4)", model, options());
    assertThat(model.forwards()).isEqualTo(12);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 4 * 11);
  }

  @Test
  void sequences_that_ended_are_not_read_any_more() {
    ToyModel model = hashing();
    List<GeneratedSequence> all = run("sampling(n=8)", model, options().maxNewTokens(40));
    int read = all.stream().mapToInt(sequence -> sequence.tokens().size() - 1).sum();
    assertThat(model.computed()).isEqualTo(PROMPT.length + read);
    assertThat(all)
        .extracting(GeneratedSequence::finishReason)
        .contains(FinishReason.END_TOKEN)
        .allMatch(r -> r == FinishReason.END_TOKEN || r == FinishReason.MAX_NEW_TOKENS);
  }

  @Test
  void the_best_come_first_by_the_mean_of_the_models_own_log_probability() {
    // what the sampler thinks is not what the model thinks
    Recipe<Sampler> cold =
        binding ->
            step -> {
              step.logits().divide(0.5f);
              return new Draw().sample(step);
            };
    DecodingOptions.Builder options = options().sampler(cold).alternatives(0);
    List<GeneratedSequence> written = run("sampling(n=6)", hashing(), options);
    List<GeneratedSequence> expected = new ArrayList<>(written);
    expected.sort(Comparator.comparingDouble(SamplingSequencesTest::mean).reversed());
    List<GeneratedSequence> best = run("sampling(best-of=6,n=3)", hashing(), options);
    assertThat(best).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(best.get(i).tokens()).isEqualTo(expected.get(i).tokens());
      assertThat(best.get(i).score()).isCloseTo(mean(expected.get(i)), within(1e-12));
    }
    assertThat(expected).isNotEqualTo(written);
    // the score does not depend on whether log-probabilities are reported
    List<GeneratedSequence> unreported =
        run("sampling(best-of=6)", hashing(), options().sampler(cold));
    assertThat(unreported).hasSize(1);
    assertThat(unreported.get(0).score()).isEqualTo(best.get(0).score());
    assertThat(unreported.get(0).tokens().get(0).logProbability()).isNaN();
  }

  private static double mean(GeneratedSequence sequence) {
    return sequence.logProbability() / sequence.tokens().size();
  }

  @Test
  void best_of_gives_one_unless_n_is_given() {
    assertThat(run("sampling(best-of=3)", hashing(), options())).hasSize(1);
    for (String wrong : List.of("sampling(n=0)", "sampling(n=4,best-of=3)", "sampling(n=1025)")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Decoders.parse(wrong))
          .withMessageContaining("decoder \"sampling\", option");
    }
  }

  /** Says 1, 2, 3 after each free token. */
  private record Dictated(List<Integer> text) implements TokenConstraint {
    @Override
    public long[] mask() {
      return new long[] {forced() < 0 ? (1L << V) - 1 : 1L << forced()};
    }

    @Override
    public int forced() {
      int at = text.size() % 4;
      return at == 0 ? -1 : at;
    }

    @Override
    public void accept(int token) {
      text.add(token);
    }

    @Override
    public Dictated fork() {
      return new Dictated(new ArrayList<>(text));
    }

    @Override
    public void rollback(int tokens) {
      text.subList(text.size() - tokens, text.size()).clear();
    }
  }

  @Test
  void certain_tokens_are_read_together_with_the_next_free_one() {
    ToyModel model = new ToyModel(ToyModel.info(V, 64).build(), ToyModel.hashing());
    DecodingOptions.Builder options =
        options().constraint(binding -> new Dictated(new ArrayList<>()));
    List<GeneratedSequence> two = run("sampling(n=2)", model, options);
    assertThat(model.forwards()).isEqualTo(3);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 2 * 8);
    for (GeneratedSequence sequence : two) {
      List<Integer> ids = ids(sequence.tokens());
      assertThat(List.of(ids.subList(1, 4), ids.subList(5, 8), ids.subList(9, 12)))
          .containsOnly(List.of(1, 2, 3));
    }
    // with log-probabilities, or ranked by them, the model has to be asked; the texts are the same
    List<GeneratedSequence> reported = run("sampling(n=2)", model, options.alternatives(0));
    assertThat(ids(reported.get(1).tokens())).isEqualTo(ids(two.get(1).tokens()));
    assertThat(reported.get(0).tokens().get(1).processedLogProbability()).isZero();
    assertThat(reported.get(0).tokens().get(1).logProbability()).isNegative();
    assertThat(run("sampling(best-of=2,n=2)", model, options))
        .extracting(sequence -> ids(sequence.tokens()))
        .containsExactlyInAnyOrder(ids(two.get(0).tokens()), ids(two.get(1).tokens()));
  }

  @Test
  void the_first_is_delivered_while_it_is_written() {
    ToyModel model = hashing();
    try (Generation generation =
        Decoders.parse("sampling(n=3)").decode(model, PROMPT, options().build())) {
      generation.next();
      assertThat(model.forwards()).isEqualTo(1);
      assertThat(model.openSessions()).isEqualTo(3);
      assertThatIllegalStateException().isThrownBy(generation::sequences);
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void stops_and_texts_are_each_sequences_own() {
    ByteTokenizer bytes = ByteTokenizer.withBeginAndEnd();
    ToyModel.Scores letters =
        (tokens, length, row) -> {
          ToyModel.hashing().score(tokens, length, row);
          for (int i = 0; i < row.length; i++) {
            row[i] = i >= 'a' && i <= 'c' ? row[i] : Float.NEGATIVE_INFINITY;
          }
        };
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), letters);
    List<GeneratedSequence> all =
        run(
            "sampling(n=20)",
            model,
            options().tokenizer(bytes).stopStrings(List.of("ab", "cc")).maxNewTokens(9));
    assertThat(all)
        .allSatisfy(
            sequence -> {
              assertThat(sequence.text()).doesNotContain("ab").doesNotContain("cc");
              assertThat(sequence.matchedStop().isPresent())
                  .isEqualTo(sequence.finishReason() == FinishReason.STOP_STRING);
            });
    assertThat(all)
        .extracting(GeneratedSequence::matchedStop)
        .contains(Optional.of("ab"), Optional.of("cc"));
  }

  @Test
  void a_full_context_ends_each_sequence() {
    ToyModel model = new ToyModel(ToyModel.info(V, 8).build(), ToyModel.hashing());
    List<GeneratedSequence> all =
        run("sampling(n=3)", model, options().contextPolicy(ContextPolicy.stop()));
    assertThat(all).hasSize(3).allMatch(s -> s.finishReason() == FinishReason.CONTEXT_FULL);
    assertThat(all).allMatch(sequence -> sequence.tokens().size() == 6);
    assertThat(run("sampling(n=3)", model, options().contextPolicy(ContextPolicy.slide(1))))
        .hasSize(3)
        .allMatch(sequence -> sequence.tokens().size() == 12);
  }

  @Test
  void nothing_to_write_is_n_empty_sequences() {
    assertThat(run("sampling(n=3)", hashing(), options().maxNewTokens(0)))
        .hasSize(3)
        .allMatch(sequence -> sequence.tokens().isEmpty())
        .allMatch(sequence -> sequence.finishReason() == FinishReason.MAX_NEW_TOKENS);
  }
}
