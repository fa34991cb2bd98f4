package io.fundamentallm.webservice.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** How answers go over a connection. */
class ResponseBodiesTest {
  private static final int EVENTS = 500;

  /** Far more than a slow machine takes. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A format that says no more than the number of the piece. */
  private static final class Numbers extends Format {
    @Override
    Object complete(List<Piece> pieces, Answer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    List<byte[]> events(Piece piece, Answer answer) {
      return List.of(event(null, piece.choice()));
    }

    @Override
    List<byte[]> ending(Answer answer) {
      return List.of("data: [DONE]\n\n".getBytes(UTF_8));
    }
  }

  @Test
  void each_event_is_sent_before_the_next_is_known() throws Exception {
    Semaphore read = new Semaphore(1);
    try (TextGenerator generator = TextGenerator.load(TinyChat.longContext(), "cpu(threads=1)");
        Answer answer = new Answer(plan(generator), PATIENCE, Runnable::run)) {
      Scheduler worker = Schedulers.newSingle("worker");
      Flux<Piece> pieces =
          Flux.range(0, EVENTS).map(i -> afterThatBefore(i, read)).subscribeOn(worker);
      HttpHandler handler =
          (request, response) -> ResponseBodies.stream(response, pieces, answer, new Numbers());
      DisposableServer server =
          HttpServer.create()
              .host("127.0.0.1")
              .port(0)
              .handle(new ReactorHttpHandlerAdapter(handler))
              .bindNow();
      try (Stream<String> lines = lines(server)) {
        List<String> events = new ArrayList<>();
        lines
            .filter(line -> !line.isEmpty())
            .forEach(
                line -> {
                  events.add(line);
                  read.release();
                });
        assertThat(events).hasSize(EVENTS + 1).endsWith("data: 499", "data: [DONE]");
      } finally {
        server.disposeNow();
        worker.dispose();
      }
    }
  }

  private static Piece afterThatBefore(int i, Semaphore read) {
    try {
      if (!read.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("event " + (i - 1) + " did not arrive");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return new Piece(i, "", List.of(), List.of(), null);
  }

  private static Stream<String> lines(DisposableServer server) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/"))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body();
  }

  private static AnswerPlan plan(TextGenerator generator) {
    return new AnswerPlan(
        List.of(),
        false,
        generator,
        1,
        OptionalInt.empty(),
        true,
        false,
        null,
        OptionalInt.empty(),
        false,
        Map.of());
  }
}
