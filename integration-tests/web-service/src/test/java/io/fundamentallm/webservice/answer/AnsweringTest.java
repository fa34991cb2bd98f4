package io.fundamentallm.webservice.answer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.answer.Answer.Scored;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Errors that Reactor takes for the end of the process, while an answer is written. */
class AnsweringTest {
  /** A format whose text is too deep to write. */
  private static final class Overflowing extends AnswerFormat {
    private final StackOverflowError error;

    Overflowing(AnswerPlan plan, StackOverflowError error) {
      super("id", "whole", "chunk", new ServedModel("tiny", plan.generator(), 0, "print"), plan);
      this.error = error;
    }

    @Override
    Map<String, Object> complete(int choice, List<Piece> pieces, List<Scored> tokens) {
      throw error;
    }

    @Override
    Map<String, Object> part(Piece piece) {
      throw error;
    }

    @Override
    boolean isEmpty(Piece piece) {
      return piece.text().isEmpty();
    }
  }

  /** A response that nobody reads. */
  private static final class Response extends AbstractServerHttpResponse {
    Response() {
      super(new DefaultDataBufferFactory());
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T> T getNativeResponse() {
      return (T) this;
    }

    @Override
    protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> body) {
      return Flux.from(body).then();
    }

    @Override
    protected Mono<Void> writeAndFlushWithInternal(
        Publisher<? extends Publisher<? extends DataBuffer>> body) {
      return Flux.from(body).concatMap(Flux::from).then();
    }

    @Override
    protected void applyStatusCode() {}

    @Override
    protected void applyHeaders() {}

    @Override
    protected void applyCookies() {}

    @Override
    public void addCookie(ResponseCookie cookie) {}
  }

  @Test
  void end_the_request_and_no_more() throws Exception {
    StackOverflowError error = new StackOverflowError();
    try (TextGenerator generator = TextGenerator.load(TinyChat.longContext(), "cpu(threads=1)")) {
      AnswerPlan.Prompt prompt = AnswerPlan.Prompt.continued("I am", its -> its.tokens("I am"));
      AnswerPlan plan =
          new AnswerPlan(
              List.of(prompt),
              false,
              generator,
              1,
              OptionalInt.empty(),
              false,
              false,
              null,
              OptionalInt.empty(),
              false,
              Map.of());
      AnswerFormat format = new Overflowing(plan, error);
      Flux<Piece> pieces =
          Flux.just(new Piece(0, "text", List.of(), List.of(), FinishReason.END_TOKEN));
      try (Answer answer = new Answer(plan, Duration.ofMinutes(2), Runnable::run)) {
        for (Mono<Void> writing :
            List.of(
                ResponseBodies.stream(new Response(), pieces, answer, format),
                ResponseBodies.complete(new Response(), pieces, answer, format))) {
          assertThatThrownBy(writing::block)
              .isInstanceOf(IllegalStateException.class)
              .hasMessage("the work of one request failed")
              .hasCause(error);
        }
      }
    }
  }
}
