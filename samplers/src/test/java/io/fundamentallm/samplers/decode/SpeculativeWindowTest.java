package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.PrefixCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The context, over long runs of right and wrong guesses and past its end. */
class SpeculativeWindowTest {
  private static final int VOCABULARY = 12;
  private static final int[] PROMPT = {3, 5, 7, 3, 5};
  private static final List<Supplier<ContextPolicy>> POLICIES =
      List.of(
          ContextPolicy::stop,
          ContextPolicy::truncateLeft,
          () -> ContextPolicy.slide(2),
          () -> ContextPolicy.attentionSinks(2),
          () ->
              (context, model) ->
                  new ContextPolicy.Reread(
                      new int[] {1, context[context.length - 2], context[context.length - 1]}));

  /** Every token before shows in the logits. */
  private final ToyModel target =
      new ToyModel(ToyModel.info(VOCABULARY, 24).build(), ToyScores.lastTwo(6, 4, 1));

  private final ToyModel draft =
      new ToyModel(ToyModel.info(VOCABULARY, 17).build(), ToyScores.lastTwo(6, 4, 1));

  /** A text, why it ended, and what the policy was shown. */
  private record Run(List<Integer> text, FinishReason reason, List<List<Integer>> contexts) {}

  private Run run(String spec, ContextPolicy policy, DecodingOptions.Builder options) {
    List<List<Integer>> contexts = new ArrayList<>();
    ContextPolicy watched =
        (context, model) -> {
          contexts.add(Arrays.stream(context).boxed().toList());
          return policy.onFull(context, model);
        };
    Generation generation =
        Decoders.parse(spec)
            .decode(
                target, PROMPT, options.seed(9).maxNewTokens(300).contextPolicy(watched).build());
    List<Integer> text = generation.stream().map(token -> token.id()).toList();
    assertThat(target.openSessions()).isZero();
    assertThat(draft.openSessions()).isZero();
    return new Run(text, generation.finishReason(), contexts);
  }

  @ParameterizedTest
  @ValueSource(strings = {"top-p=0.9", "no-echo,seen=0.01", "greedy"})
  void text_and_context_are_those_of_plain_decoding_under_every_policy(String chain) {
    for (Supplier<ContextPolicy> policy : POLICIES) {
      Supplier<DecodingOptions.Builder> options =
          () -> DecodingOptions.builder().sampler(TestStages.parse(chain));
      Run plain = run("sampling", policy.get(), options.get());
      assertThat(plain.contexts()).isNotEmpty();
      for (double errs : new double[] {0, 0.2, 1}) {
        Oracle oracle = new Oracle(plain.text(), errs);
        assertThat(run("speculative", policy.get(), options.get().draft(binding -> oracle)))
            .as("%s, wrong in %s", chain, errs)
            .isEqualTo(plain);
        assertThat(oracle.closed).isEqualTo(1);
      }
      assertThat(run("speculative", policy.get(), options.get().draft(draft))).isEqualTo(plain);
      assertThat(run("speculative(chained=true)", policy.get(), options.get())).isEqualTo(plain);
      if (chain.equals("greedy")) {
        assertThat(run("speculative(mode=rejection)", policy.get(), options.get().draft(draft)))
            .isEqualTo(plain);
      }
    }
  }

  @Test
  void the_policy_that_fails_does_so_after_the_same_tokens() {
    DecodingOptions options =
        DecodingOptions.builder()
            .seed(3)
            .maxNewTokens(100)
            .draft(draft)
            .contextPolicy(ContextPolicy.error())
            .build();
    List<Integer> plain = new ArrayList<>();
    List<Integer> guessed = new ArrayList<>();
    Generation sampling = Decoders.sampling().decode(target, PROMPT, options);
    assertThatThrownBy(() -> sampling.forEachRemaining(token -> plain.add(token.id())))
        .isInstanceOf(IllegalStateException.class);
    Generation speculative = Decoders.parse("speculative").decode(target, PROMPT, options);
    assertThatThrownBy(() -> speculative.forEachRemaining(token -> guessed.add(token.id())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("24");
    assertThat(guessed).isEqualTo(plain).hasSize(20);
    assertThat(target.openSessions() + draft.openSessions()).isZero();
  }

  @Test
  void a_cache_of_beginnings_holds_the_text_and_nothing_that_was_guessed_wrong() {
    DecodingOptions plain = DecodingOptions.builder().seed(4).maxNewTokens(9).build();
    List<Integer> text =
        Decoders.sampling().decode(target, PROMPT, plain).stream()
            .map(token -> token.id())
            .toList();
    try (PrefixCache cache = PrefixCache.of(1000)) {
      Oracle oracle = new Oracle(text, 0.4);
      DecodingOptions cached =
          plain.toBuilder().prefixCache(cache).draft(binding -> oracle).build();
      assertThat(Decoders.parse("speculative").decode(target, PROMPT, cached).stream())
          .extracting(token -> token.id())
          .isEqualTo(text);
      assertThat(cache.size()).isBetween(PROMPT.length + 8L, PROMPT.length + 9L);
      int[] longer = Arrays.copyOf(PROMPT, PROMPT.length + 9);
      for (int i = 0; i < 9; i++) {
        longer[PROMPT.length + i] = text.get(i);
      }
      Generation again =
          Decoders.parse("speculative")
              .decode(target, longer, plain.toBuilder().prefixCache(cache).build());
      assertThat(again.stream().toList())
          .isEqualTo(Decoders.sampling().decode(target, longer, plain).stream().toList());
      assertThat(again.summary().cachedTokens()).isEqualTo(PROMPT.length + 8);
    }
    assertThat(target.openSessions()).isZero();
  }
}
