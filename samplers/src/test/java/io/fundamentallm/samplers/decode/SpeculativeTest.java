package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.DraftProposer.Draft;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What speculation does beyond the contract of decoders. */
class SpeculativeTest {
  private static final int[] PROMPT = {1, 2};
  private static final int[] SCRIPT = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  private final ToyModel model =
      new ToyModel(ToyModel.info(16, 256).build(), ToyModel.scripted(PROMPT.length, SCRIPT));

  private static List<Integer> script(int length) {
    return IntStream.range(0, length).mapToObj(i -> SCRIPT[i % SCRIPT.length]).toList();
  }

  private Generation decode(String spec, DecodingOptions.Builder options) {
    return Decoders.parse(spec).decode(model, PROMPT, options.seed(1).build());
  }

  private static DecodingOptions.Builder guessing(DraftProposer proposer) {
    return DecodingOptions.builder().draft(binding -> proposer);
  }

  private static List<Integer> ids(Generation generation) {
    return generation.stream().map(token -> token.id()).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens=0 | tokens",
        "tokens=129 | [1, 128]",
        "mode=both | compare, rejection",
        "max-n=0 | max-n",
        "'max-n=2,min-n=3' | [1, 2]",
        "match=first | most-recent, longest-earliest",
        "chained=2 | true or false",
        "'draft=somewhere,max-n=2' | no option \"max-n\"",
        "width=2 | no option \"width\"",
      })
  void options_out_of_range_are_refused_by_name(String options, String named) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decoders.parse("speculative(" + options + ")"))
        .withMessageContaining("speculative")
        .withMessageContaining(named);
  }

  @Test
  void right_guesses_save_passes_and_are_counted() {
    Oracle oracle = new Oracle(script(82), 0);
    Generation generation = decode("speculative", guessing(oracle).maxNewTokens(82));
    assertThat(ids(generation)).isEqualTo(script(82));
    assertThat(model.forwards()).isEqualTo(1 + 9);
    assertThat(generation.summary().draftedTokens()).isEqualTo(72);
    assertThat(generation.summary().acceptanceRate()).isEqualTo(1);
    assertThat(oracle.closed).isEqualTo(1);
  }

  @Test
  void wrong_guesses_shorten_and_right_ones_lengthen_the_next() {
    List<Integer> half = new ArrayList<>(script(40));
    for (int i = 0; i < 10; i++) {
      half.set(i, 0);
    }
    Oracle oracle = new Oracle(half, 0);
    assertThat(ids(decode("speculative(tokens=6)", guessing(oracle).maxNewTokens(40))))
        .isEqualTo(script(40));
    // one token of each wrong guess's place, and then one more than was guessed
    assertThat(oracle.asked).containsExactly(6, 5, 4, 3, 2, 1, 1, 1, 1, 1, 3, 5, 6, 6, 3);
  }

  @Test
  void nothing_is_guessed_beyond_what_is_to_be_generated() {
    Oracle oracle = new Oracle(script(40), 0);
    assertThat(ids(decode("speculative", guessing(oracle).maxNewTokens(5)))).isEqualTo(script(5));
    assertThat(oracle.asked).containsExactly(3);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 4);
  }

  @Test
  void a_stop_within_a_right_guess_ends_there() {
    Generation generation =
        decode("speculative", guessing(new Oracle(script(40), 0)).stopTokens(Set.of(6)));
    assertThat(ids(generation)).containsExactly(3, 4, 5, 6);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_TOKEN);
    assertThat(generation.summary().acceptedTokens()).isEqualTo(3);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void closing_within_a_right_guess_frees_all_sessions() {
    ToyModel draft =
        new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(PROMPT.length, SCRIPT));
    Generation generation = decode("speculative", DecodingOptions.builder().draft(draft));
    generation.next();
    generation.next();
    generation.next();
    assertThat(model.openSessions() + draft.openSessions()).isEqualTo(2);
    generation.close();
    assertThat(model.openSessions() + draft.openSessions()).isZero();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  @Test
  void tokens_of_a_guess_are_decided_one_by_one() {
    List<Integer> seen = new ArrayList<>();
    Generation generation =
        decode(
            "speculative",
            guessing(new Oracle(script(40), 0.3)).maxNewTokens(20).sampler(b -> watching(seen)));
    List<Integer> delivered = new ArrayList<>();
    while (generation.hasNext()) {
      delivered.add(generation.next().id());
      assertThat(seen).isEqualTo(delivered);
    }
    assertThat(delivered).isEqualTo(script(20));
  }

  /** A greedy sampler that writes down what it is told, and tells no distribution. */
  private static Sampler watching(List<Integer> seen) {
    return new Sampler() {
      @Override
      public int sample(Step step) {
        return step.logits().token(step.logits().maximumIndex());
      }

      @Override
      public void accept(int token) {
        seen.add(token);
      }
    };
  }

  @Test
  void rejection_sampling_refuses_a_sampler_that_does_not_draw() {
    ToyModel draft = new ToyModel(ToyModel.info(16, 64).build(), ToyModel.hashing());
    for (DecodingOptions.Builder options :
        List.of(guessing(new Oracle(script(9), 0)), DecodingOptions.builder().draft(draft))) {
      Generation generation =
          decode(
              "speculative(mode=rejection)",
              options.sampler(binding -> watching(new ArrayList<>())));
      assertThatIllegalStateException()
          .isThrownBy(() -> generation.stream().toList())
          .withMessageContaining("distribution");
      assertThat(model.openSessions() + draft.openSessions()).isZero();
    }
  }

  @Test
  void a_trace_tells_of_the_texts_tokens_alone() {
    List<String> plain = new ArrayList<>();
    List<String> guessed = new ArrayList<>();
    DecodingOptions.Builder options =
        DecodingOptions.builder().maxNewTokens(15).sampler(Samplers.parse("temperature=0.5"));
    List<Integer> text =
        ids(
            decode(
                "sampling",
                options.trace((at, token, stages) -> plain.add(at + " " + token + stages))));
    DecodingOptions.Builder guesses =
        options
            .trace((at, token, stages) -> guessed.add(at + " " + token + stages))
            .draft(binding -> new Oracle(text, 0.3));
    assertThat(ids(decode("speculative", guesses))).isEqualTo(text);
    assertThat(guessed).hasSize(15).hasSameSizeAs(plain);
    for (int i = 0; i < 15; i++) {
      assertThat(guessed.get(i)).startsWith((PROMPT.length + i) + " " + SCRIPT[i % 13] + "[");
    }
  }

  @Test
  void a_proposer_that_breaks_its_promise_is_an_error() {
    Draft tooLong = new Draft(script(9), List.of());
    Draft unknown = new Draft(List.of(16), List.of());
    Draft undrawn = new Draft(List.of(3), List.of(Distribution.certain(4)));
    List<String> messages = List.of("9", "16", "token 3");
    List<Draft> drafts = List.of(tooLong, unknown, undrawn);
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      Generation generation = decode("speculative", guessing((s, count, c) -> draft));
      assertThatIllegalStateException()
          .isThrownBy(() -> generation.stream().toList())
          .withMessageContaining(messages.get(i));
    }
    assertThat(model.openSessions()).isZero();
  }
}
