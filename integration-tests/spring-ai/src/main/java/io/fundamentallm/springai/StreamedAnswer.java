package io.fundamentallm.springai;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.text.ChatMessage;
import java.util.List;
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
  private static final ChatMessage NOTHING = ChatMessage.assistant("");

  private final ChatResponses responses;
  private final ChatAnswer answer;
  private final Consumer<ChatResponse> whole;
  private volatile boolean cancelled;

  private StreamedAnswer(ChatResponses responses, ChatAnswer answer, Consumer<ChatResponse> whole) {
    this.responses = responses;
    this.answer = answer;
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
          StreamedAnswer answer =
              new StreamedAnswer(
                  new ChatResponses(requests.modelName()), requests.start(complete), whole);
          return Flux.<ChatResponse, StreamedAnswer>generate(
                  () -> answer, StreamedAnswer::next, StreamedAnswer::close)
              .doOnCancel(answer::cancel);
        });
  }

  /** One response: the next piece, or the end if no piece is left. */
  private StreamedAnswer next(SynchronousSink<ChatResponse> sink) {
    ChatMessage piece = piece();
    boolean over = answer.generation().hasEnded() && !answer.hasNext();
    if (cancelled) {
      return this; // nobody is listening any more
    }
    if (!over) {
      sink.next(responses.piece(piece));
    } else if (answer.generation().finishReason() == FinishReason.CANCELLED) {
      sink.error(new CancellationException("the generation was cancelled by its options"));
    } else {
      ChatMessage message = answer.message();
      whole.accept(responses.whole(message, answer.generation()));
      sink.next(responses.last(piece, message, answer.generation()));
      sink.complete();
    }
    return this;
  }

  /** Text, thinking, or a whole call, for Spring AI has no pieces of calls; nothing at the end. */
  private ChatMessage piece() {
    while (answer.hasNext()) {
      ChatPart part = answer.next();
      if (part instanceof ChatPart.Text more) {
        return ChatMessage.assistant(more.text());
      } else if (part instanceof ChatPart.Thinking more) {
        return NOTHING.withThinking(more.text());
      } else if (part instanceof ChatPart.CallEnd end) {
        return ChatMessage.assistant("", List.of(end.call()));
      }
    }
    return NOTHING;
  }

  /** Also stops what is being computed, which could otherwise run to the end of a long prompt. */
  private void cancel() {
    cancelled = true;
    answer.close();
  }

  private void close() {
    answer.close();
  }
}
