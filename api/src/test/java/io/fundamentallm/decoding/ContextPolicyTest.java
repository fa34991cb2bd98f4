package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy.Evict;
import io.fundamentallm.decoding.ContextPolicy.Reread;
import io.fundamentallm.decoding.ContextPolicy.Stop;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContextPolicyTest {
  private static final int CONTEXT = 8;
  private static final ModelInfo INFO = ToyModel.info(50, CONTEXT).build();

  private static int[] upTo(int end) {
    return IntStream.range(0, end).toArray();
  }

  /** A model that says how many tokens it has read: the token after n tokens is n. */
  private static ToyModel counting(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(50, CONTEXT).capabilities(capabilities).build(),
        (tokens, length, row) -> {
          Arrays.fill(row, 0);
          row[length] = 100;
        });
  }

  private static Generation generate(
      LanguageModel model, ContextPolicy policy, int prompt, int max) {
    DecodingOptions options =
        DecodingOptions.builder()
            .contextPolicy(policy)
            .sampler(Samplers.greedy())
            .maxNewTokens(max)
            .build();
    return Decoders.sampling().decode(model, upTo(prompt), options);
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    generation.forEachRemaining(token -> ids.add(token.id()));
    return ids;
  }

  @Test
  void by_default_a_text_ends_where_the_context_is_full_and_a_longer_prompt_is_an_error() {
    DecodingOptions options = DecodingOptions.builder().sampler(Samplers.greedy()).build();
    Generation generation = Decoders.sampling().decode(counting(), upTo(6), options);
    assertThat(ids(generation)).containsExactly(6, 7, 8);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    Generation none = Decoders.sampling().decode(counting(), upTo(9), options);
    assertThatIllegalStateException()
        .isThrownBy(none::hasNext)
        .withMessage(
            "the prompt of 9 tokens does not fit into the model's context of 8."
                + " Shorten it, or choose a ContextPolicy that does");
  }

  @Test
  void error_gives_the_figures_after_the_last_token_that_fits() {
    ToyModel model = counting(Capability.values());
    Generation generation = generate(model, ContextPolicy.error(), 6, 20);
    assertThat(List.of(generation.next().id(), generation.next().id(), generation.next().id()))
        .containsExactly(6, 7, 8);
    assertThatIllegalStateException()
        .isThrownBy(generation::hasNext)
        .withMessage(
            "the context of 8 tokens is full: 9 are needed. Shorten the prompt, lower"
                + " maxNewTokens, or choose a ContextPolicy");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void what_just_fits_is_no_error() {
    assertThat(ids(generate(counting(), ContextPolicy.error(), 6, 3))).containsExactly(6, 7, 8);
    assertThat(ids(generate(counting(), ContextPolicy.error(), 8, 1))).containsExactly(8);
  }

  @Test
  void a_prompt_that_does_not_fit_is_an_error_too() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(counting(), ContextPolicy.error(), 9, 1).next())
        .withMessageContaining("8 tokens is full: 9 are needed");
  }

  @Test
  void stop_ends_with_the_last_token_that_fits_and_releases_its_text() {
    Generation generation = generate(counting(), ContextPolicy.stop(), 6, 20);
    assertThat(ids(generation)).containsExactly(6, 7, 8);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    ToyModel model = counting();
    Generation none = generate(model, ContextPolicy.stop(), 9, 20);
    assertThatIllegalStateException()
        .isThrownBy(none::hasNext)
        .withMessageContaining("the prompt of 9 tokens does not fit");
    assertThat(model.openSessions()).isZero();
    assertThat(ContextPolicy.stop().onFull(upTo(9), INFO)).isInstanceOf(Stop.class);
  }

  @Test
  void truncate_left_keeps_the_newest_three_quarters() {
    Reread reread = (Reread) ContextPolicy.truncateLeft().onFull(upTo(9), INFO);
    assertThat(reread.tokens()).containsExactly(3, 4, 5, 6, 7, 8);
    ToyModel model = counting(Capability.values());
    assertThat(ids(generate(model, ContextPolicy.truncateLeft(), 7, 6)))
        .containsExactly(7, 8, 6, 7, 8, 6);
  }

  @Test
  void slide_keeps_the_first_and_half_of_the_rest() {
    Reread reread = (Reread) ContextPolicy.slide(2).onFull(upTo(9), INFO);
    assertThat(reread.tokens()).containsExactly(0, 1, 5, 6, 7, 8);
    ToyModel model = counting(Capability.TRUNCATE);
    assertThat(ids(generate(model, ContextPolicy.slide(2), 8, 3))).containsExactly(8, 6, 7);
    // 8 of the prompt; 0 and 1 stay, 5, 6, 7 are read again with the new 8; then one more
    assertThat(model.computed()).isEqualTo(8 + 4 + 1);
  }

  @Test
  void a_model_that_cannot_truncate_reads_all_of_it_again() {
    ToyModel model = counting();
    assertThat(ids(generate(model, ContextPolicy.slide(2), 8, 3))).containsExactly(8, 6, 7);
    assertThat(model.computed()).isEqualTo(8 + 6 + 1);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void attention_sinks_evict_without_reading_anything_again() {
    assertThat(ContextPolicy.attentionSinks(2).onFull(upTo(9), INFO)).isEqualTo(new Evict(2, 5));
    ToyModel model = counting(Capability.EVICT);
    assertThat(ids(generate(model, ContextPolicy.attentionSinks(2), 8, 3)))
        .containsExactly(8, 6, 7);
    assertThat(model.computed()).isEqualTo(8 + 1 + 1);
  }

  @Test
  void attention_sinks_read_the_kept_text_again_where_nothing_can_be_evicted() {
    ToyModel model = counting(Capability.TRUNCATE);
    assertThat(ids(generate(model, ContextPolicy.attentionSinks(2), 8, 3)))
        .containsExactly(8, 6, 7);
    assertThat(model.computed()).isEqualTo(8 + 4 + 1);
  }

  @Test
  void a_prompt_that_does_not_fit_is_shortened_before_anything_is_read() {
    for (ContextPolicy policy : List.of(ContextPolicy.slide(2), ContextPolicy.attentionSinks(2))) {
      ToyModel model = counting(Capability.values());
      assertThat(ids(generate(model, policy, 30, 2))).containsExactly(6, 7);
      assertThat(model.computed()).isEqualTo(6 + 1);
    }
  }

  @Test
  void every_policy_goes_on_for_as_long_as_it_is_asked_with_any_capabilities() {
    for (Capability[] capabilities :
        new Capability[][] {{}, {Capability.TRUNCATE}, {Capability.EVICT}, Capability.values()}) {
      for (ContextPolicy policy :
          List.of(
              ContextPolicy.truncateLeft(),
              ContextPolicy.slide(0),
              ContextPolicy.slide(CONTEXT - 1),
              ContextPolicy.attentionSinks(4))) {
        ToyModel model = counting(capabilities);
        assertThat(ids(generate(model, policy, 3, 60))).hasSize(60);
        assertThat(model.openSessions()).isZero();
      }
    }
  }

  @Test
  void the_smallest_context_still_slides() {
    ModelInfo one = ToyModel.info(50, 1).build();
    assertThat(((Reread) ContextPolicy.truncateLeft().onFull(upTo(2), one)).tokens())
        .containsExactly(1);
    assertThat(((Reread) ContextPolicy.slide(0).onFull(upTo(2), one)).tokens()).containsExactly(1);
  }

  @Test
  void more_than_fits_cannot_always_be_kept() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContextPolicy.slide(CONTEXT).onFull(upTo(9), INFO))
        .withMessage("cannot always keep 8 tokens of a context of 8; accepted: 0 to 7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContextPolicy.slide(-1))
        .withMessage("cannot always keep -1 tokens");
    assertThatIllegalArgumentException().isThrownBy(() -> ContextPolicy.attentionSinks(-1));
  }

  @Test
  void an_applications_own_policy_may_replace_the_text() {
    ToyModel model = counting(Capability.values());
    List<int[]> seen = new ArrayList<>();
    ContextPolicy summary =
        (context, info) -> {
          seen.add(context);
          return new Reread(new int[] {0, 40, 41});
        };
    assertThat(ids(generate(model, summary, 8, 4))).containsExactly(8, 3, 4, 5);
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0)).isEqualTo(upTo(9));
    // the first token is common to both and stays
    assertThat(model.computed()).isEqualTo(8 + 2 + 1 + 1);
  }

  @Test
  void a_policy_that_leaves_nothing_or_too_much_is_told_so() {
    ContextPolicy nothing = (context, info) -> new Reread(new int[0]);
    assertThatIllegalStateException()
        .isThrownBy(() -> ids(generate(counting(), nothing, 9, 1)))
        .withMessage("the context policy leaves 0 tokens; expected 1 to 8");
    ContextPolicy all = (context, info) -> new Reread(context);
    assertThatIllegalStateException()
        .isThrownBy(() -> ids(generate(counting(), all, 9, 1)))
        .withMessage("the context policy leaves 9 tokens; expected 1 to 8");
    ContextPolicy backwards = (context, info) -> new Evict(5, 4);
    assertThatIllegalStateException()
        .isThrownBy(() -> ids(generate(counting(), backwards, 9, 1)))
        .withMessage("the context policy evicts [5, 4) of 9 tokens");
  }

  @Test
  void the_history_keeps_what_the_context_lost() {
    List<Integer> lengths = new ArrayList<>();
    Recipe<Sampler> noting =
        binding ->
            step -> {
              lengths.add(step.history().length());
              return step.logits().maximumIndex();
            };
    DecodingOptions options =
        DecodingOptions.builder()
            .contextPolicy(ContextPolicy.slide(0))
            .sampler(noting)
            .maxNewTokens(4)
            .build();
    ids(Decoders.sampling().decode(counting(), upTo(8), options));
    assertThat(lengths).containsExactly(8, 9, 10, 11);
  }
}
