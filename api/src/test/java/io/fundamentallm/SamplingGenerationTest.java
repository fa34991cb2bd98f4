package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What plain sampling does beyond the contract of decoders. */
class SamplingGenerationTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  private static ToyModel hashing() {
    return new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
  }

  private static ToyModel saying(Object... script) {
    List<Integer> tokens = new ArrayList<>();
    for (Object part : script) {
      if (part instanceof Integer token) {
        tokens.add(token);
      } else {
        Arrays.stream(BYTES.encode(part.toString())).forEach(tokens::add);
      }
    }
    int[] all = tokens.stream().mapToInt(Integer::intValue).toArray();
    ModelInfo info = ToyModel.info(258, 64).endTokens(Set.of(257)).build();
    return new ToyModel(info, ToyModel.scripted(1, all));
  }

  private static DecodingOptions.Builder options() {
    return DecodingOptions.builder().tokenizer(BYTES).seed(1).maxNewTokens(20);
  }

  private static Generation generate(LanguageModel model, DecodingOptions.Builder options) {
    return Decoders.sampling().decode(model, new int[] {256}, options.build());
  }

  private static List<String> pieces(Generation generation) {
    List<String> pieces = new ArrayList<>();
    generation.forEachRemaining(token -> pieces.add(token.text()));
    return pieces;
  }

  @Test
  void incomplete_utf8_is_held_back() {
    assertThat(pieces(generate(saying("a\u20AC", 257), options())))
        .containsExactly("a", "", "", "\u20AC", "");
  }

  @Test
  void incomplete_utf8_at_the_end_is_replaced_with_the_last_token() {
    Generation generation = generate(saying("a\u20AC"), options().maxNewTokens(3));
    assertThat(pieces(generation)).containsExactly("a", "", "\uFFFD");
  }

  @Test
  void what_may_become_a_stop_string_is_held_back() {
    Generation generation =
        generate(saying("x\u20AC.y\u20AC!z"), options().stopStrings(List.of("\u20AC!")));
    assertThat(pieces(generation)).containsExactly("x", "", "", "", "\u20AC.", "y", "", "", "", "");
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
  }

  @Test
  void an_end_token_releases_what_was_held_and_has_no_text() {
    Generation generation = generate(saying("STO", 257), options().stopStrings(List.of("STOP")));
    assertThat(pieces(generation)).containsExactly("", "", "", "STO");
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_TOKEN);
  }

  @Test
  void a_stop_token_is_counted_and_has_no_text() {
    Generation generation = generate(saying("abc"), options().stopTokens(Set.of((int) 'c')));
    assertThat(pieces(generation)).containsExactly("a", "b", "");
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_TOKEN);
  }

  @Test
  void special_tokens_within_have_no_text() {
    assertThat(pieces(generate(saying("a", 256, "b", 257), options())))
        .containsExactly("a", "", "b", "");
  }

  @Test
  void without_a_tokenizer_the_texts_are_empty() {
    Generation generation = generate(saying("ab", 257), DecodingOptions.builder().maxNewTokens(9));
    assertThat(generation.text()).isEmpty();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_TOKEN);
  }

  @Test
  void the_text_is_the_same_with_and_without_other_requests_beside_it() {
    ToyModel model = hashing();
    List<Token> alone = generate(model, options()).stream().toList();
    Generation first = generate(model, options());
    Generation other = generate(model, options().seed(2));
    List<Token> beside = new ArrayList<>();
    while (first.hasNext()) {
      beside.add(first.next());
      other.next();
    }
    assertThat(beside).isEqualTo(alone);
    other.close();
  }

  @Test
  void sequences_of_one_seed_differ() {
    assertThat(generate(hashing(), options().sequence(1)).stream().toList())
        .isNotEqualTo(generate(hashing(), options()).stream().toList());
  }

  @Test
  void alternatives_are_the_models_own_whatever_the_sampler_does() {
    List<Token> tokens =
        generate(hashing(), options().alternatives(3).maxNewTokens(1).sampler(worst())).stream()
            .toList();
    float[] row = new float[258];
    ToyModel.hashing().score(new int[] {256}, 1, row);
    double total = 0;
    for (float logit : row) {
      total += Math.exp(logit);
    }
    Token token = tokens.get(0);
    assertThat(token.rank()).isEqualTo(257);
    assertThat(token.logProbability()).isCloseTo(row[token.id()] - Math.log(total), within(1e-9));
    assertThat(token.alternatives()).hasSize(3);
    double last = Double.POSITIVE_INFINITY;
    for (Token.Alternative alternative : token.alternatives()) {
      assertThat(alternative.logProbability())
          .isLessThanOrEqualTo(last)
          .isCloseTo(row[alternative.token()] - Math.log(total), within(1e-9));
      last = alternative.logProbability();
    }
  }

  /** Overwrites the scores, then takes what the model scored lowest. */
  private static Recipe<Sampler> worst() {
    return binding ->
        step -> {
          Logits logits = step.logits();
          logits.rescore((i, score) -> -score);
          return logits.token(logits.maximumIndex());
        };
  }

  @Test
  void no_alternatives_still_give_probability_and_rank() {
    Token asked = generate(hashing(), options().alternatives(0)).next();
    assertThat(asked.logProbability()).isNegative();
    assertThat(asked.rank()).isNotNegative();
    assertThat(asked.alternatives()).isEmpty();
    Token unasked = generate(hashing(), options()).next();
    assertThat(unasked.logProbability()).isNaN();
    assertThat(unasked.rank()).isEqualTo(-1);
  }

  @Test
  void a_nan_from_the_model_is_an_error_that_names_the_position_and_frees_the_session() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(4, 8).build(),
            (tokens, length, row) -> row[3] = length == 3 ? Float.NaN : 0);
    Generation generation =
        Decoders.sampling().decode(model, new int[] {0}, DecodingOptions.builder().seed(1).build());
    generation.next();
    generation.next();
    assertThatIllegalStateException()
        .isThrownBy(generation::hasNext)
        .withMessage("the logit of token 3 at position 3 is NaN");
    assertThatIllegalStateException().isThrownBy(generation::next);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void text_throws_when_the_generation_was_cancelled() {
    AtomicBoolean cancelled = new AtomicBoolean(true);
    Generation generation = generate(saying("abc"), options().cancellation(cancelled::get));
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(generation::text)
        .withMessageContaining("cancelled after 0 tokens");
    generation = generate(saying("abc"), options());
    generation.next();
    generation.close();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(generation::text)
        .withMessage("the generation was cancelled after 1 token");
  }

  @Test
  void closing_after_the_end_leaves_the_reason() {
    Generation generation = generate(saying("ab"), options().maxNewTokens(2));
    generation.forEachRemaining(token -> {});
    generation.close();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
  }

  @Test
  void each_prompt_token_and_each_generated_one_is_computed_once() {
    ToyModel model = hashing();
    Decoders.sampling()
        .decode(model, new int[] {1, 2, 3}, options().maxNewTokens(5).build())
        .text();
    assertThat(model.computed()).isEqualTo(3 + 5 - 1);
    assertThat(model.forwards()).isEqualTo(5);
  }

  @Test
  void a_bad_prompt_is_refused_with_the_place() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Decoders.sampling().decode(hashing(), new int[] {1, 300}, options().build()))
        .withMessage("token 300 at index 1 of the prompt is outside the vocabulary [0, 258)");
  }

  @Test
  void options_check_themselves() {
    DecodingOptions.Builder builder = DecodingOptions.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxNewTokens(-1))
        .withMessage("maxNewTokens -1 is negative");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.alternatives(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.stopStrings(List.of("a", "")))
        .withMessageContaining("empty stop string");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.stopStrings(List.of("a")).build())
        .withMessage("stop strings need a tokenizer");
  }

  @Test
  void options_are_not_changed_by_their_builder() {
    DecodingOptions.Builder builder = DecodingOptions.builder().maxNewTokens(3);
    DecodingOptions options = builder.build();
    builder.maxNewTokens(4);
    assertThat(options.maxNewTokens()).isEqualTo(3);
    assertThat(options.toBuilder().seed(5).build().maxNewTokens()).isEqualTo(3);
    assertThat(DecodingOptions.builder().build().maxNewTokens()).isEqualTo(256);
    assertThat(options.seed()).isEmpty();
  }
}
