package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Long texts in small contexts: whatever the policy and the model's capabilities, the model has
 * before its eyes what a plain loop would give it.
 */
class ContextOverflowTest {
  private static final int CONTEXT = 32;
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  /** An application's own: the oldest part becomes a line that sums it up. */
  private static final ContextPolicy SUMMARY =
      (context, model) -> {
        int[] newest =
            Arrays.copyOfRange(context, context.length - model.contextLength() / 2, context.length);
        long letters =
            Arrays.stream(context, 0, context.length - newest.length)
                .filter(Character::isLetter)
                .count();
        int[] received = BYTES.encode("(" + letters + " letters) ");
        return new ContextPolicy.Reread(
            Stream.of(new int[] {256}, received, newest).flatMapToInt(Arrays::stream).toArray());
      };

  private static final List<ContextPolicy> POLICIES =
      List.of(
          SUMMARY,
          ContextPolicy.truncateLeft(),
          ContextPolicy.slide(0),
          ContextPolicy.slide(5),
          ContextPolicy.slide(CONTEXT - 1),
          ContextPolicy.attentionSinks(4));

  private static ToyModel model(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(258, CONTEXT).capabilities(capabilities).build(), ToyModel.hashing());
  }

  /** Takes the best token, except where a token is certain: there it is the position's. */
  private record Certain(IntPredicate where) implements Sampler {
    @Override
    public int forced(Step step) {
      int length = step.history().length();
      return where.test(length) ? length % 200 : -1;
    }

    @Override
    public int sample(Step step) {
      return step.logits().maximumIndex();
    }
  }

  /** The rule, word for word. */
  private static List<Integer> plainLoop(
      int[] prompt, int count, ContextPolicy policy, IntPredicate forced) {
    ModelInfo info = model().info();
    int[] context = prompt;
    List<Integer> written = new ArrayList<>();
    float[] row = new float[info.vocabularySize()];
    for (int length = prompt.length; written.size() < count; length++) {
      int next = length % 200;
      if (!forced.test(length) || written.isEmpty()) {
        if (context.length > CONTEXT) {
          context = applied(policy.onFull(context, info), context);
        }
        ToyModel.hashing().score(context, context.length, row);
        next = forced.test(length) ? next : best(row);
      }
      context = IntStream.concat(Arrays.stream(context), IntStream.of(next)).toArray();
      written.add(next);
    }
    return written;
  }

  private static int[] applied(ContextPolicy.Action action, int[] context) {
    if (action instanceof ContextPolicy.Evict evict) {
      return IntStream.range(0, context.length)
          .filter(i -> i < evict.from() || i >= evict.to())
          .map(i -> context[i])
          .toArray();
    }
    return ((ContextPolicy.Reread) action).tokens();
  }

  private static int best(float[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = row[i] > row[best] ? i : best;
    }
    return best;
  }

  private static List<Integer> written(
      ToyModel model, int[] prompt, int count, ContextPolicy policy, IntPredicate forced) {
    DecodingOptions options =
        DecodingOptions.builder()
            .sampler(binding -> new Certain(forced))
            .contextPolicy(policy)
            .maxNewTokens(count)
            .build();
    return Decoders.sampling().decode(model, prompt, options).stream().map(Token::id).toList();
  }

  private static void assertAsThePlainLoop(int[] prompt, int count, IntPredicate forced) {
    for (ContextPolicy policy : POLICIES) {
      List<Integer> expected = plainLoop(prompt, count, policy, forced);
      for (Capability[] capabilities :
          new Capability[][] {{}, {Capability.TRUNCATE}, {Capability.EVICT}, Capability.values()}) {
        ToyModel model = model(capabilities);
        assertThat(written(model, prompt, count, policy, forced))
            .as("policy %d, %s", POLICIES.indexOf(policy), Arrays.toString(capabilities))
            .isEqualTo(expected);
        assertThat(model.openSessions()).isZero();
      }
    }
  }

  @Test
  void every_policy_shows_the_model_what_a_plain_loop_would() {
    assertAsThePlainLoop(BYTES.encode("It is a truth"), 150, length -> false);
    assertAsThePlainLoop(
        BYTES.encode("a prompt longer than its context ".repeat(3)), 80, l -> false);
  }

  @Test
  void tokens_that_are_certain_may_overflow_it_before_any_is_read() {
    // now and then one, in runs, and in runs longer than the whole context
    assertAsThePlainLoop(BYTES.encode("It is"), 150, length -> length % 3 == 0);
    assertAsThePlainLoop(BYTES.encode("It is"), 150, length -> length % 20 > 6);
    assertAsThePlainLoop(BYTES.encode("It is"), 200, length -> length % 90 > 8);
  }

  @Test
  void a_window_that_overflows_while_tokens_are_queued_stops_or_fails_where_it_is_full() {
    int[] prompt = BYTES.encode("It is");
    IntPredicate forced = length -> length > 10;
    DecodingOptions.Builder options =
        DecodingOptions.builder().sampler(binding -> new Certain(forced)).maxNewTokens(100);
    Generation stopped =
        Decoders.sampling()
            .decode(model(), prompt, options.contextPolicy(ContextPolicy.stop()).build());
    assertThat(stopped.stream()).hasSize(CONTEXT - prompt.length + 1);
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
  }

  @Test
  void certain_tokens_that_need_no_reading_need_no_room_under_the_policy_that_fails() {
    int[] prompt = BYTES.encode("It is");
    ContextPolicy error = ContextPolicy.error();
    assertThat(written(model(), prompt, 60, error, length -> length > 10)).hasSize(60);
    assertThatIllegalStateException()
        .isThrownBy(() -> written(model(), prompt, 60, error, l -> l > 10 && l < 50))
        .withMessageContaining("50 are needed");
  }

  @Test
  void a_generator_writes_on_behind_a_summary_and_its_sampler_sees_all_of_it() {
    List<Integer> seen = new ArrayList<>();
    ToyModel model = model(Capability.values());
    TextGenerator generator =
        TextGenerator.of(BYTES, model, Registry.of())
            .withMaxNewTokens(100)
            .with(
                options ->
                    options
                        .contextPolicy(SUMMARY)
                        .sampler(
                            binding ->
                                step -> {
                                  seen.add(step.history().length());
                                  return step.logits().maximumIndex();
                                }));
    int[] prompt = IntStream.concat(IntStream.of(256), "It is".chars()).toArray();
    assertThat(generator.tokens("It is").stream().map(Token::id).toList())
        .isEqualTo(plainLoop(prompt, 100, SUMMARY, length -> false));
    assertThat(seen)
        .isEqualTo(IntStream.range(prompt.length, prompt.length + 100).boxed().toList());
    generator.close();
    assertThat(model.openSessions()).isZero();
  }
}
