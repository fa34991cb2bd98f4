package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContrastiveSearchTest {
  private static final int V = 30;
  private static final int[] PROMPT = {3, 1, 4, 1};

  private static ToyModel model(int contextLength, Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(V, contextLength).capabilities(capabilities).build(), ToyModel.hashing());
  }

  private static List<Integer> run(String spec, LanguageModel model, DecodingOptions options) {
    List<Integer> ids = new ArrayList<>();
    Generation generation = Decoders.parse(spec).decode(model, PROMPT, options);
    generation.forEachRemaining(token -> ids.add(token.id()));
    assertThat(generation.sequences()).hasSize(1);
    return ids;
  }

  private static DecodingOptions.Builder max(int maxNewTokens) {
    return DecodingOptions.builder().maxNewTokens(maxNewTokens).seed(1);
  }

  @ParameterizedTest
  @CsvSource({"4, 0.6", "2, 0.9", "8, 0.3", "5, 1", "1, 0.6", "30, 0.5"})
  void it_is_the_rule_of_the_paper(int k, double alpha) {
    ToyModel model = model(64, Capability.values());
    List<Integer> expected =
        ReferenceContrastive.write(model, PROMPT, k, alpha, 25, ReferenceContrastive::joined);
    String spec = "contrastive(k=" + k + ",alpha=" + alpha + ")";
    assertThat(run(spec, model, max(25).build())).isEqualTo(expected);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void an_alpha_of_zero_or_a_k_of_one_is_greedy() {
    DecodingOptions options = max(25).sampler(Samplers.greedy()).build();
    ToyModel model = model(64, Capability.values());
    List<Integer> greedy = run("sampling", model, options);
    assertThat(run("contrastive(alpha=0)", model, options)).isEqualTo(greedy);
    assertThat(run("contrastive(k=1)", model, options)).isEqualTo(greedy);
    assertThat(run("contrastive(k=4,alpha=0.6)", model, options)).isNotEqualTo(greedy);
  }

  @Test
  void the_candidates_of_a_step_are_read_in_one_pass() {
    ToyModel model = model(64, Capability.values());
    run("contrastive(k=5)", model, max(6).build());
    assertThat(model.forwards()).isEqualTo(1 + 6);
    assertThat(model.computed()).isEqualTo(PROMPT.length + 5 * 6);
    ToyModel single = model(64, Capability.values());
    run("contrastive(k=1)", single, max(6).build());
    assertThat(single.forwards()).isEqualTo(6);
    assertThat(single.computed()).isEqualTo(PROMPT.length + 5);
  }

  @Test
  void equal_scores_go_to_the_lowest_token() {
    ToyModel flat = new ToyModel(ToyModel.info(V, 64).build(), (tokens, length, row) -> {});
    float[][] same = new float[V][4];
    for (float[] vector : same) {
      vector[1] = 1;
    }
    assertThat(run("contrastive(k=3)", new EmbeddingModel(flat, same), max(3).build()))
        .containsExactly(0, 0, 0);
    // without any length there is no likeness
    assertThat(run("contrastive(k=3)", new EmbeddingModel(flat, new float[V][4]), max(3).build()))
        .containsExactly(0, 0, 0);
  }

  @Test
  void stages_run_before_the_candidates_are_chosen() {
    ToyModel model = model(64, Capability.values());
    DecodingOptions options =
        max(20)
            .sampler(
                binding ->
                    new Sampler() {
                      @Override
                      public int sample(Step step) {
                        throw new AssertionError("the decoder chooses by itself");
                      }

                      @Override
                      public void process(Step step) {
                        Logits logits = step.logits();
                        int last = step.history().token(step.history().length() - 1);
                        logits.retainIf(index -> logits.token(index) % 2 != last % 2);
                      }
                    })
            .build();
    int before = 1;
    for (int id : run("contrastive", model, options)) {
      assertThat(id % 2).isNotEqualTo(before % 2);
      before = id;
    }
  }

  @Test
  void certain_tokens_are_taken_without_candidates_and_read_with_what_follows() {
    ToyModel model = model(64, Capability.values());
    DecodingOptions.Builder options =
        max(9).constraint(binding -> new Dictated(V, new ArrayList<>()));
    List<Integer> ids = run("contrastive(k=3)", model, options.build());
    assertThat(ids.subList(1, 3)).containsExactly(1, 2);
    assertThat(ids.subList(7, 9)).containsExactly(1, 2);
    // the prompt; three times three candidates, and twice two certain tokens
    assertThat(model.computed()).isEqualTo(PROMPT.length + 3 * 3 + 2 * 2);
    assertThat(model.forwards()).isEqualTo(1 + 3 + 2);
    assertThat(run("contrastive(k=3)", model, options.alternatives(0).build())).isEqualTo(ids);
  }

  @Test
  void hidden_states_of_dropped_text_are_forgotten_and_those_of_text_read_again_are_new() {
    ReferenceContrastive.Window truncateLeft =
        (context, token) -> {
          List<Integer> all = ReferenceContrastive.joined(context, token);
          return all.size() <= 8 ? all : all.subList(all.size() - 6, all.size());
        };
    for (Capability[] capabilities :
        new Capability[][] {
          {Capability.HIDDEN_STATES},
          {Capability.HIDDEN_STATES, Capability.TRUNCATE},
          Capability.values()
        }) {
      ToyModel model = model(8, capabilities);
      DecodingOptions options = max(30).contextPolicy(ContextPolicy.truncateLeft()).build();
      assertThat(run("contrastive", model, options))
          .isEqualTo(ReferenceContrastive.write(model, PROMPT, 4, 0.6, 30, truncateLeft));
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void it_goes_on_with_every_policy_and_any_capabilities() {
    for (ContextPolicy policy :
        List.of(ContextPolicy.slide(2), ContextPolicy.attentionSinks(2), ContextPolicy.slide(0))) {
      ToyModel model = model(8, Capability.values());
      DecodingOptions options = max(40).contextPolicy(policy).build();
      assertThat(run("contrastive", model, options)).hasSize(40);
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void a_context_that_is_full_takes_the_most_probable_token_last() {
    ToyModel model = model(8, Capability.values());
    DecodingOptions stopping = max(30).contextPolicy(ContextPolicy.stop()).build();
    Generation generation = Decoders.parse("contrastive").decode(model, PROMPT, stopping);
    List<Integer> ids = new ArrayList<>();
    generation.forEachRemaining(token -> ids.add(token.id()));
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThat(ids).hasSize(5);
    // what just fits is no error, and what does not is one after the last token that does
    assertThat(run("contrastive", model, max(5).build())).isEqualTo(ids);
    DecodingOptions strict = max(6).contextPolicy(ContextPolicy.error()).build();
    Generation failing = Decoders.parse("contrastive").decode(model, PROMPT, strict);
    for (int id : ids) {
      assertThat(failing.next().id()).isEqualTo(id);
    }
    assertThatIllegalStateException()
        .isThrownBy(failing::hasNext)
        .withMessageContaining("the context of 8 tokens is full: 9 are needed");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_model_that_was_closed_is_told_of_at_once() {
    ToyModel model = model(8, Capability.values());
    ContextPolicy closing =
        (context, info) -> {
          model.close();
          return ContextPolicy.attentionSinks(0).onFull(context, info);
        };
    Generation failing =
        Decoders.parse("contrastive").decode(model, PROMPT, max(6).contextPolicy(closing).build());
    for (int i = 0; i < 4; i++) {
      failing.next();
    }
    assertThatExceptionOfType(ClosedModelException.class).isThrownBy(failing::hasNext);
  }

  @Test
  void a_prefix_cache_is_not_asked() {
    ToyModel model = model(64, Capability.values());
    try (PrefixCache cache = PrefixCache.of(100)) {
      DecodingOptions options = max(9).prefixCache(cache).build();
      run("sampling", model, options);
      assertThat(run("contrastive", model, options))
          .isEqualTo(run("contrastive", model, max(9).build()));
    }
  }

  @Test
  void reports_are_those_of_the_chosen_tokens() {
    ToyModel model = model(64, Capability.values());
    Generation generation =
        Decoders.parse("contrastive").decode(model, PROMPT, max(9).alternatives(4).build());
    generation.forEachRemaining(
        token -> {
          assertThat(token.rank()).isBetween(0, 3);
          assertThat(token.alternatives().get(token.rank()).token()).isEqualTo(token.id());
          assertThat(token.processedLogProbability())
              .isCloseTo(token.logProbability(), within(1e-9));
        });
  }

  @Test
  void a_model_without_hidden_states_is_refused_by_name() {
    ToyModel model = model(8, Capability.TRUNCATE);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Decoders.parse("contrastive").decode(model, PROMPT, max(1).build()))
        .withMessageContaining("toy on memory gives no hidden states (it lacks HIDDEN_STATES)");
  }

  @Test
  void options_out_of_range_are_refused_by_name() {
    for (String wrong : Set.of("k=0", "alpha=1.1", "alpha=-0.1", "width=2")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Decoders.parse("contrastive(" + wrong + ")"))
          .withMessageContaining("decoder \"contrastive\"")
          .withMessageContaining(wrong.substring(0, wrong.indexOf('=')));
    }
  }

  /** Bytes of a hidden state of the toy. */
  private static final long STATE = 4 * Float.BYTES;

  @Test
  void hidden_states_count_in_the_models_budget_until_the_generation_ends() {
    ToyModel model = model(64, Capability.values());
    for (String spec : List.of("contrastive(k=1)", "contrastive(k=3)")) {
      Generation generation = Decoders.parse(spec).decode(model, PROMPT, max(5).build());
      for (int i = 0; generation.hasNext(); i++) {
        generation.next();
        int held = PROMPT.length + i + (spec.contains("k=1") ? 0 : 1);
        assertThat(model.reserved()).as(spec).isEqualTo(generation.hasEnded() ? 0 : held * STATE);
      }
      Generation closed = Decoders.parse(spec).decode(model, PROMPT, max(5).build());
      closed.next();
      assertThat(model.reserved()).isPositive();
      closed.close();
      assertThat(model.reserved()).isZero();
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void without_room_for_its_hidden_states_a_generation_fails_as_for_a_full_cache() {
    ToyModel model = model(64, Capability.values()).withBudget((PROMPT.length - 1) * STATE);
    Generation generation = Decoders.parse("contrastive").decode(model, PROMPT, max(9).build());
    assertThatExceptionOfType(CacheFullException.class).isThrownBy(generation::hasNext);
    assertThat(model.computed()).isZero();
    // room for the states after two tokens and of the three candidates for the third
    model.withBudget((PROMPT.length + 2 + 3) * STATE);
    List<Integer> expected =
        run("contrastive(k=3)", model(64, Capability.values()), max(9).build());
    List<Integer> ids = new ArrayList<>();
    Generation longer = Decoders.parse("contrastive(k=3)").decode(model, PROMPT, max(9).build());
    assertThatExceptionOfType(CacheFullException.class)
        .isThrownBy(() -> longer.forEachRemaining(token -> ids.add(token.id())));
    assertThat(ids).isEqualTo(expected.subList(0, 3));
    assertThat(model.reserved()).isZero();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void candidates_that_are_read_in_a_context_of_their_own_are_counted_too() {
    // where the context is full, each of the k reads all that the policy leaves
    int context = 8;
    ToyModel model = model(context, Capability.SHARED_FORK, Capability.HIDDEN_STATES);
    model.withBudget((context + 3 * context) * STATE);
    DecodingOptions options = max(12).contextPolicy(ContextPolicy.truncateLeft()).build();
    assertThat(run("contrastive(k=3)", model, options)).hasSize(12);
    assertThatExceptionOfType(CacheFullException.class)
        .isThrownBy(() -> run("contrastive(k=8)", model, options));
    assertThat(model.reserved()).isZero();
  }
}
