package io.fundamentallm.springai;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/**
 * One answer on its way to its subscriber. Can be cancelled from any thread; otherwise one thread
 * at a time.
 */
final class StreamedAnswer {
  private final ChatRequests requests;
  private final Generation generation;
  private final Consumer<ChatResponse> whole;
  private final StringBuilder text = new StringBuilder();
  private volatile boolean cancelled;

  private StreamedAnswer(
      ChatRequests requests, Generation generation, Consumer<ChatResponse> whole) {
    this.requests = requests;
    this.generation = generation;
    this.whole = whole;
  }

  /**
   * The answer to a complete prompt, as far as requested, on the requesting thread; a new one for
   * each subscriber.
   *
   * @param whole gets all of it in one response, before the last piece
   */
  static Flux<ChatResponse> to(
      Prompt complete, ChatRequests requests, Consumer<ChatResponse> whole) {
    return Flux.defer(
        () -> {
          StreamedAnswer answer = new StreamedAnswer(requests, requests.start(complete), whole);
          return Flux.<ChatResponse, StreamedAnswer>generate(
                  () -> answer, StreamedAnswer::next, StreamedAnswer::close)
              .doOnCancel(answer::cancel);
        });
  }

  /** One response: the next piece, or the end if no piece is left. */
  private StreamedAnswer next(SynchronousSink<ChatResponse> sink) {
    String piece = "";
    while (piece.isEmpty() && generation.hasNext()) {
      piece = generation.next().text();
    }
    text.append(piece);
    if (cancelled) {
      return this; // nobody is listening any more
    }
    if (!generation.hasEnded()) {
      sink.next(requests.piece(piece));
    } else if (generation.finishReason() == FinishReason.CANCELLED) {
      sink.error(new CancellationException("the generation was cancelled by its options"));
    } else {
      whole.accept(requests.response(text.toString(), generation));
      sink.next(requests.response(piece, generation));
      sink.complete();
    }
    return this;
  }

  /** Also stops what is being computed, which could otherwise run to the end of a long prompt. */
  private void cancel() {
    cancelled = true;
    generation.close();
  }

  private void close() {
    generation.close();
  }
}
