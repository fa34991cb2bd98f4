package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.StageTrace;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.spi.SamplerProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Time limit, fewest tokens, stop strings that are shown, and traces, in plain sampling. */
class GenerationLimitsTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();
  private static final int END = 257;

  private static ToyModel saying(String text, int... afterwards) {
    int[] bytes = BYTES.encode(text);
    int[] script = Arrays.copyOf(bytes, bytes.length + afterwards.length);
    System.arraycopy(afterwards, 0, script, bytes.length, afterwards.length);
    return new ToyModel(
        ToyModel.info(258, 64).endTokens(Set.of(END)).build(), ToyModel.scripted(1, script));
  }

  private static DecodingOptions.Builder options() {
    return DecodingOptions.builder()
        .tokenizer(BYTES)
        .sampler(Samplers.greedy())
        .seed(1)
        .maxNewTokens(20);
  }

  private static Generation generate(LanguageModel model, DecodingOptions.Builder options) {
    return Decoders.sampling().decode(model, new int[] {256}, options.build());
  }

  private static String shown(Generation generation) {
    StringBuilder text = new StringBuilder();
    generation.forEachRemaining(token -> text.append(token.text()));
    return text.toString();
  }

  @Test
  void the_time_limit_ends_a_pass_under_way_and_frees_the_session() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            ToyModel.scripted(1, 'a'),
            (position, cancellation) -> {
              while (position >= 3 && !cancellation.isCancelled()) {
                Thread.onSpinWait();
              }
            });
    Generation generation = generate(model, options().timeLimit(Duration.ofMillis(300)));
    assertThat("aaa").startsWith(shown(generation));
    assertThat(generation.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
    assertThat(generation.hasNext()).isFalse();
    assertThat(model.openSessions()).isZero();
    assertThatIllegalStateException()
        .isThrownBy(generation::sequences)
        .withMessageContaining("TIME_LIMIT");
  }

  @Test
  void the_time_runs_from_the_first_request() throws InterruptedException {
    long[] cancelled = new long[1];
    ToyModel endless =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            ToyModel.scripted(1, 'a'),
            (position, cancellation) -> {
              while (!cancellation.isCancelled()) {
                Thread.onSpinWait();
              }
              cancelled[0] = System.nanoTime();
            });
    Duration limit = Duration.ofMillis(200);
    Generation generation = generate(endless, options().timeLimit(limit));
    Thread.sleep(150);
    long requested = System.nanoTime();
    assertThat(generation.hasNext()).isFalse();
    assertThat(cancelled[0] - requested).isGreaterThanOrEqualTo(limit.toNanos());
    assertThat(generation.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
  }

  @Test
  void a_time_limit_is_any_time_from_none_on() {
    Generation generation = generate(saying("abc"), options().timeLimit(Duration.ofDays(1)));
    assertThat(generation.text()).hasSize(20);
    Generation late = generate(saying("abc"), options().timeLimit(Duration.ZERO));
    late.forEachRemaining(token -> {});
    assertThat(late.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().timeLimit(Duration.ofMillis(-1)))
        .withMessage("timeLimit PT-0.001S is negative");
  }

  @Test
  void a_stop_string_can_be_part_of_the_text_but_nothing_behind_it() {
    for (boolean include : new boolean[] {false, true}) {
      Generation generation =
          generate(
              saying("one STOP two "),
              options().stopStrings(List.of("STOP", "OP")).includeStop(include));
      assertThat(shown(generation)).isEqualTo(include ? "one STOP" : "one ");
      assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
      assertThat(generation.sequences().get(0).matchedStop()).hasValue("STOP");
      assertThat(generation.sequences().get(0).text()).isEqualTo(include ? "one STOP" : "one ");
    }
  }

  @Test
  void no_end_token_comes_before_the_fewest_tokens() {
    // the end is the best, "x" the second best
    ToyModel model =
        new ToyModel(
            ToyModel.info(258, 64).endTokens(Set.of(END)).build(),
            (tokens, length, row) -> {
              row[END] = 9;
              row['x'] = 5;
            });
    for (int fewest : new int[] {0, 1, 5}) {
      Generation generation = generate(model, options().minNewTokens(fewest));
      assertThat(shown(generation)).isEqualTo("x".repeat(fewest));
      assertThat(generation.finishReason()).isEqualTo(FinishReason.END_TOKEN);
      assertThat(generation.sequences().get(0).tokens()).hasSize(fewest + 1);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> options().minNewTokens(-1));
  }

  @Test
  void stops_do_not_count_in_the_fewest_tokens() {
    Generation token =
        generate(saying("abcabc"), options().minNewTokens(2).stopTokens(Set.of((int) 'b')));
    assertThat(shown(token)).isEqualTo("abca");
    assertThat(token.finishReason()).isEqualTo(FinishReason.STOP_TOKEN);
    // the text of the first two tokens is not searched, nor is it the beginning of a stop
    Generation text =
        generate(saying("abcabc"), options().minNewTokens(2).stopStrings(List.of("bc")));
    assertThat(shown(text)).isEqualTo("abca");
    assertThat(text.sequences().get(0).tokens()).hasSize(6);
    Generation limit = generate(saying("abc"), options().minNewTokens(4).maxNewTokens(4));
    assertThat(shown(limit)).isEqualTo("abca");
    assertThat(limit.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
  }

  @Test
  void fewest_tokens_above_the_most_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().minNewTokens(9).maxNewTokens(4).build())
        .withMessageContaining("minNewTokens 9 is above maxNewTokens 4");
    options().minNewTokens(4).maxNewTokens(4).build();
  }

  @Test
  void stop_tokens_that_no_vocabulary_has_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().stopTokens(Set.of(-5)))
        .withMessageContaining("the stop token -5 is negative");
    ToyModel model = saying("abc");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generate(model, options().stopTokens(Set.of(258))))
        .withMessage("the stop token 258 is outside the vocabulary [0, 258)");
  }

  private record Traced(long position, int token, List<StageTrace> stages) {}

  @Test
  void a_trace_tells_for_each_token_what_each_stage_did() {
    Registry registry =
        Registry.of(GenerationLimitsTest.class.getClassLoader())
            .with((SamplerProvider) new Stubs.Temperature("temperature", 0))
            .with((SamplerProvider) new Stubs.Only());
    List<Traced> traced = new ArrayList<>();
    DecodingOptions.Builder options =
        options()
            .sampler(Samplers.parse("temperature=0.5,only=97,greedy", registry))
            .maxNewTokens(2)
            .trace((position, token, stages) -> traced.add(new Traced(position, token, stages)));
    assertThat(
            shown(
                generate(
                    new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing()), options)))
        .isEqualTo("aa");
    assertThat(traced).extracting(Traced::position).containsExactly(1L, 2L);
    assertThat(traced).extracting(Traced::token).containsOnly((int) 'a');
    for (Traced token : traced) {
      assertThat(token.stages())
          .extracting(StageTrace::stage)
          .containsExactly("temperature", "only");
      StageTrace only = token.stages().get(1);
      assertThat(only.before().size()).isEqualTo(258);
      assertThat(only.after().probability('a')).isEqualTo(1);
      assertThat(only.massLeft()).isCloseTo(only.before().probability('a'), within(1e-12));
      assertThat(token.stages().get(0).massLeft()).isCloseTo(1, within(1e-9));
      assertThat(token.stages().get(0).removed()).isEmpty();
      assertThat(token.stages().get(0).moved()).isNotEmpty();
      assertThat(only.removed()).hasSize(257);
    }
  }

  @Test
  void a_trace_changes_nothing() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    DecodingOptions.Builder options = options().sampler(Samplers.draw());
    List<Token> plain = generate(model, options).stream().toList();
    assertThat(generate(model, options.trace((position, token, stages) -> {})).stream().toList())
        .isEqualTo(plain);
  }
}
