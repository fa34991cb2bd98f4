package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class StreamTest {
  private static final Prompt QUESTION = new Prompt("I am Bob");
  private static final Duration SOON = Duration.ofMinutes(10);

  private final AtomicInteger computed = new AtomicInteger();
  @AutoClose private final TextGenerator generator = TinyChat.load(TinyChat.greedy());

  /** Writes forty tokens, and counts them. */
  private TextGenerator counted() {
    return generator.with(
        options ->
            options
                .minNewTokens(40)
                .maxNewTokens(40)
                .trace((position, token, stages) -> computed.incrementAndGet()));
  }

  @Test
  void pieces_together_are_the_answer_and_the_last_says_how_it_ended() {
    ChatModel model = FundamentaLlmChatModel.of(generator);
    List<ChatResponse> pieces = new ArrayList<>();

    StepVerifier.create(model.stream(QUESTION).doOnNext(pieces::add))
        .thenConsumeWhile(piece -> true)
        .expectComplete()
        .verify(SOON);

    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(String.join("", pieces.stream().map(StreamTest::text).toList()))
        .isEqualTo("hello Bob");
    ChatResponse last = pieces.remove(pieces.size() - 1);
    assertThat(pieces).noneMatch(piece -> text(piece).isEmpty());
    assertThat(pieces).allMatch(piece -> piece.getResult().getMetadata().getFinishReason() == null);
    assertThat(last.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
    assertThat(last.getMetadata().getUsage())
        .isEqualTo(model.call(QUESTION).getMetadata().getUsage());
    assertThat(last.getMetadata().getModel()).isEqualTo("llama");
  }

  @Test
  void nothing_is_computed_that_was_not_requested() {
    Flux<ChatResponse> stream =
        FundamentaLlmChatModel.builder(counted()).scheduler(Schedulers.immediate()).build().stream(
            QUESTION);

    StepVerifier.create(stream, 0)
        .expectSubscription()
        .then(() -> assertThat(computed).hasValue(0))
        .thenRequest(1)
        .expectNextCount(1)
        .then(() -> assertThat(computed.get()).isBetween(1, 3)) // a piece may take several
        .then(computed::getAndIncrement)
        .thenRequest(2)
        .expectNextCount(2)
        .then(() -> assertThat(computed.get()).isBetween(4, 10)) // of 40
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void a_subscriber_that_cancels_after_two_pieces_ends_the_generation() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Flux<ChatResponse> stream =
        FundamentaLlmChatModel.of(counted()).stream(QUESTION)
            .doFinally(end -> over.countDown())
            .limitRate(1);

    StepVerifier.create(stream).expectNextCount(2).thenCancel().verify(SOON);

    assertThat(over.await(10, TimeUnit.MINUTES)).isTrue();
    assertThat(computed.get()).isBetween(2, 10); // of 40
  }

  @Test
  void a_subscriber_that_cancels_while_his_prompt_is_read_gets_no_token_computed()
      throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    TextGenerator watched =
        counted()
            .with(
                options ->
                    options.cancellation(
                        () -> { // asked in the middle of the prompt
                          reading.countDown();
                          return !awaited(cancelled);
                        }));
    Scheduler thread = Schedulers.newSingle("answers");
    CountDownLatch over = new CountDownLatch(1);

    Disposable subscription =
        FundamentaLlmChatModel.builder(watched).scheduler(thread).build().stream(QUESTION)
            .subscribe();
    assertThat(reading.await(10, TimeUnit.MINUTES)).isTrue();
    subscription.dispose();
    cancelled.countDown();
    thread.schedule(over::countDown); // after what the one thread does

    assertThat(over.await(10, TimeUnit.MINUTES)).isTrue();
    assertThat(computed).hasValue(0);
    thread.dispose();
  }

  @Test
  void a_cancelled_stream_frees_its_session() throws Exception {
    TextGenerator small =
        TextGenerator.of(
            generator.tokenizer(),
            LanguageModels.load(TinyChat.greedy(), "cpu(threads=1,cache-memory=256k)"));
    try (TextGenerator narrow = small.withSampler("greedy").withMaxNewTokens(80)) {
      FundamentaLlmChatModel model =
          FundamentaLlmChatModel.builder(narrow).scheduler(Schedulers.immediate()).build();
      List<Flux<ChatResponse>> open = new ArrayList<>();

      for (int i = 0; i < 40; i++) {
        StepVerifier.create(model.stream(QUESTION), 2).expectNextCount(2).thenCancel().verify(SOON);
        open.add(model.stream(QUESTION));
      }

      assertThat(model.call("I am Bob")).isEqualTo("hello Bob");
      // while as many at a time have no room, so that one that is not freed would be noticed
      StepVerifier.create(Flux.merge(Flux.fromIterable(open), 40, 1), 0)
          .thenRequest(40)
          .thenConsumeWhile(piece -> true)
          .expectErrorMatches(e -> e.getMessage().contains("cache"))
          .verify(SOON);
    }
  }

  @Test
  void each_subscriber_gets_an_answer_of_his_own() {
    Flux<String> stream =
        FundamentaLlmChatModel.of(generator).stream(QUESTION).map(StreamTest::text);

    Flux<String> answers = Flux.range(0, 8).flatMap(i -> stream.reduce(String::concat), 8);

    StepVerifier.create(answers)
        .thenConsumeWhile("hello Bob"::equals)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void every_error_is_signalled() {
    FundamentaLlmChatModel model = FundamentaLlmChatModel.of(generator);
    FundamentaLlmChatModel unwanted =
        FundamentaLlmChatModel.of(generator.with(options -> options.cancellation(() -> true)));
    Prompt other = new Prompt("I am Bob", ChatOptions.builder().model("gpt-5").build());

    StepVerifier.create(model.stream(other))
        .expectErrorMatches(e -> e instanceof IllegalArgumentException)
        .verify(SOON);
    StepVerifier.create(model.stream(new Prompt("I am Bob ".repeat(100))))
        .expectErrorMatches(
            e -> e.getMessage().contains("does not fit into the model's context of 128"))
        .verify(SOON);
    StepVerifier.create(unwanted.stream(QUESTION))
        .expectError(CancellationException.class)
        .verify(SOON);
    generator.close();
    StepVerifier.create(model.stream(QUESTION))
        .expectError(IllegalStateException.class)
        .verify(SOON);
  }

  /** Also by a thread that is interrupted, as those of cancelled streams are. */
  private static boolean awaited(CountDownLatch latch) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    while (latch.getCount() > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return latch.getCount() == 0;
  }

  private static String text(ChatResponse response) {
    return response.getResult().getOutput().getText();
  }
}
