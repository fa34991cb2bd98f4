package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ContextFullException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Decoder} promises, over {@link ToyModel toy models}: one whose logits leave no
 * choice, so that any decoder must give the same tokens, and one whose logits are arbitrary.
 */
public abstract class DecoderContract {
  private static final int END = 257;
  private static final int[] PROMPT = {256, 'a', 'b'};
  private static final ByteTokenizer TOKENIZER = ByteTokenizer.withBeginAndEnd();

  /** For the contract's subclasses. */
  protected DecoderContract() {}

  /** The decoder under test. */
  protected abstract Decoder decoder();

  @Test
  void max_new_tokens_counts_only_what_is_generated() {
    ToyModel model = saying("the quick brown fox ");
    for (int max : new int[] {1, 2, 7}) {
      Generation generation = decode(model, options().maxNewTokens(max).build());
      assertThat(ids(generation)).hasSize(max);
      assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    }
    Generation none = decode(model, options().maxNewTokens(0).build());
    assertThat(none.hasNext()).isFalse();
    assertThat(none.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_texts_of_the_tokens_are_the_text() {
    String script = "na\u00EFve \uD83D\uDE42!";
    int length = script.getBytes(StandardCharsets.UTF_8).length;
    StringBuilder text = new StringBuilder();
    try (Generation generation = decode(saying(script), options().maxNewTokens(length).build())) {
      generation.forEachRemaining(
          token -> {
            assertThat(token.text().codePoints()).noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
            text.append(token.text());
          });
    }
    assertThat(text.toString()).isEqualTo(script);
  }

  @Test
  void an_end_token_of_the_model_ends_the_generation() {
    ToyModel model = saying("ab", END);
    Generation generation = decode(model, options().stopTokens(Set.of((int) 'x')).build());
    assertThat(ids(generation).get(2)).isEqualTo(END);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_TOKEN);
    assertThat(model.openSessions()).isZero();
    assertThat(decode(model, options().build()).text()).isEqualTo("ab");
  }

  @Test
  void a_stop_token_of_the_caller_ends_the_generation_too() {
    Generation generation =
        decode(saying("abc", END), options().stopTokens(Set.of((int) 'b')).build());
    assertThat(ids(generation)).containsExactly((int) 'a', (int) 'b');
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_TOKEN);
  }

  @Test
  void stop_strings_end_the_generation_and_are_never_shown() {
    ToyModel model = saying("one STOP two ");
    Generation generation = decode(model, options().stopStrings(List.of("STOP")).build());
    StringBuilder shown = new StringBuilder();
    while (generation.hasNext()) {
      shown.append(generation.next().text());
      assertThat("one ").startsWith(shown);
    }
    assertThat(shown.toString()).isEqualTo("one ");
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void what_only_began_like_a_stop_string_is_shown_in_the_end() {
    DecodingOptions options = options().stopStrings(List.of("STOP")).maxNewTokens(7).build();
    assertThat(decode(saying("one STOP"), options).text()).isEqualTo("one STO");
  }

  @Test
  void nothing_is_computed_before_it_is_asked_for() {
    ToyModel model = arbitrary();
    try (Generation generation = decode(model, options().build())) {
      assertThat(model.forwards()).isZero();
      assertThat(model.openSessions()).isZero();
      assertThatIllegalStateException().isThrownBy(generation::finishReason);
    }
    assertThat(model.forwards()).isZero();
  }

  @Test
  void the_prompt_is_copied() {
    int[] prompt = PROMPT.clone();
    DecodingOptions options = options().seed(1).maxNewTokens(8).build();
    Generation generation = decoder().decode(arbitrary(), prompt, options);
    prompt[1] = 'z';
    assertThat(ids(generation)).isEqualTo(ids(decode(arbitrary(), options)));
    assertThat(prompt).containsExactly(256, 'z', 'b');
  }

  @Test
  void one_seed_gives_the_same_tokens() {
    DecodingOptions options = options().maxNewTokens(20).build();
    Generation chosen = decode(arbitrary(), options);
    DecodingOptions again = options.toBuilder().seed(chosen.seed()).build();
    List<Integer> expected = ids(chosen);
    assertThat(ids(decode(arbitrary(), again))).isEqualTo(expected);
    assertThat(decode(arbitrary(), again).seed()).isEqualTo(chosen.seed());
  }

  @Test
  void the_reason_is_not_told_before_the_end() {
    Generation generation = decode(saying("ab"), options().maxNewTokens(2).build());
    while (generation.hasNext()) {
      assertThatIllegalStateException().isThrownBy(generation::finishReason);
      generation.next();
    }
    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(generation::next);
  }

  @Test
  void an_empty_prompt_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoder().decode(arbitrary(), new int[0], options().build()));
  }

  @Test
  void a_token_outside_the_vocabulary_is_refused() {
    for (int bad : new int[] {-1, 258}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder().decode(arbitrary(), new int[] {1, bad}, options().build()));
    }
  }

  @Test
  void a_full_context_ends_the_text_unless_a_policy_says_otherwise() {
    ToyModel model = new ToyModel(ToyModel.info(258, 8).build(), ToyModel.scripted(3, 'a'));
    Generation failing = decode(model, options().contextPolicy(ContextPolicy.error()).build());
    assertThat(catchThrowable(() -> failing.forEachRemaining(token -> {})))
        .isInstanceOf(ContextFullException.class);
    assertThat(model.openSessions()).isZero();
    Generation stopped = decode(model, options().build());
    assertThat(ids(stopped)).hasSizeBetween(5, 6).containsOnly((int) 'a');
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_prompt_longer_than_the_context_is_an_error() {
    ToyModel model = new ToyModel(ToyModel.info(258, 2).build(), ToyModel.scripted(3, 'a'));
    Generation failing = decode(model, options().build());
    assertThat(catchThrowable(() -> failing.forEachRemaining(token -> {})))
        .isInstanceOf(ContextFullException.class)
        .hasMessageContaining("context of 2");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void closing_ends_the_generation_and_frees_its_sessions() {
    ToyModel model = saying("abc");
    Generation generation = decode(model, options().build());
    generation.next();
    generation.close();
    generation.close();
    assertThat(generation.hasNext()).isFalse();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void closing_the_stream_closes_the_generation() {
    ToyModel model = saying("abc");
    Generation generation = decode(model, options().build());
    try (Stream<Token> stream = generation.stream()) {
      assertThat(stream.limit(2).map(Token::text)).containsExactly("a", "b");
    }
    assertThat(generation.hasNext()).isFalse();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void closing_from_another_thread_stops_a_prompt_under_way() throws Exception {
    assertClosingStopsAt(1);
  }

  @Test
  void closing_from_another_thread_stops_within_one_token() throws Exception {
    assertClosingStopsAt(PROMPT.length + 4);
  }

  @Test
  void the_callers_cancellation_ends_the_generation() {
    AtomicBoolean cancelled = new AtomicBoolean();
    ToyModel model = saying("abc");
    Generation generation = decode(model, options().cancellation(cancelled::get).build());
    generation.next();
    cancelled.set(true);
    generation.forEachRemaining(token -> {});
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(model.openSessions()).isZero();
  }

  /** The model stands still at a token, until it is told to give up. */
  private void assertClosingStopsAt(int position)
      throws InterruptedException, ExecutionException, TimeoutException {
    CountDownLatch reached = new CountDownLatch(1);
    ToyModel model =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            ToyModel.scripted(PROMPT.length, 'a'),
            (at, cancellation) -> {
              if (at >= position) {
                reached.countDown();
                awaitCancelled(cancellation);
              }
            });
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Generation generation = decode(model, options().build());
      Future<List<Integer>> tokens = thread.submit(() -> ids(generation));
      assertThat(reached.await(5, TimeUnit.MINUTES)).isTrue();
      generation.close();
      assertThat(tokens.get(5, TimeUnit.MINUTES)).hasSizeLessThanOrEqualTo(position);
      assertThat(generation.hasNext()).isFalse();
      assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(model.openSessions()).isZero();
    } finally {
      thread.shutdownNow();
    }
  }

  private static void awaitCancelled(Cancellation cancellation) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!cancellation.isCancelled()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the model was not told to stop");
      }
      Thread.onSpinWait();
    }
  }

  private Generation decode(ToyModel model, DecodingOptions options) {
    return decoder().decode(model, PROMPT, options);
  }

  private static DecodingOptions.Builder options() {
    return DecodingOptions.builder().tokenizer(TOKENIZER).maxNewTokens(40);
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    generation.forEachRemaining(token -> ids.add(token.id()));
    return ids;
  }

  private static ToyModel arbitrary() {
    return new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
  }

  private static ToyModel saying(String text, int... afterwards) {
    int[] bytes = TOKENIZER.encode(text);
    int[] script = new int[bytes.length + afterwards.length];
    System.arraycopy(bytes, 0, script, 0, bytes.length);
    System.arraycopy(afterwards, 0, script, bytes.length, afterwards.length);
    return new ToyModel(
        ToyModel.info(258, 64).endTokens(Set.of(END)).build(),
        ToyModel.scripted(PROMPT.length, script));
  }
}
