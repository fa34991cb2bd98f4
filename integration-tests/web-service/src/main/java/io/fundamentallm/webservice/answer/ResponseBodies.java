package io.fundamentallm.webservice.answer;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.error.Failures;
import io.fundamentallm.webservice.json.JsonBodies;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes answers to responses: as one JSON object, or as server-sent events. What a client does not
 * yet read is not asked for.
 */
final class ResponseBodies {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseBodies.class);

  private ResponseBodies() {}

  /** One object that is computed. */
  static Mono<Void> write(ServerHttpResponse response, byte[] json) {
    response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
    response.getHeaders().setContentLength(json.length);
    return response.writeWith(Mono.just(response.bufferFactory().wrap(json)));
  }

  /** An answer as one object, once all of it is computed. */
  static Mono<Void> complete(
      ServerHttpResponse response, Flux<Piece> pieces, Answer answer, Format format) {
    return pieces
        .collectList()
        .flatMap(
            all -> {
              byte[] body =
                  requireNonNull(
                      Failures.orException(() -> JsonBodies.write(format.complete(all, answer))));
              return write(response, body);
            });
  }

  /** An answer as server-sent events, as it is computed. */
  static Mono<Void> stream(
      ServerHttpResponse response, Flux<Piece> pieces, Answer answer, Format format) {
    response.getHeaders().setContentType(MediaType.TEXT_EVENT_STREAM);
    response.getHeaders().setCacheControl("no-cache");
    AtomicBoolean begun = new AtomicBoolean();
    Flux<byte[]> events =
        pieces
            // one source from the first event to the last: Reactor's FluxConcatArray (3.8.7) loses
            // demand that meets its change of source, and the stream stands still
            .materialize()
            .<byte[]>handle(
                (signal, sink) -> {
                  if (signal.getThrowable() != null) {
                    sink.error(signal.getThrowable());
                    return;
                  }
                  Piece piece = signal.get();
                  byte[] event =
                      Failures.orException(
                          () ->
                              joined(
                                  piece == null
                                      ? format.ending(answer)
                                      : format.events(piece, answer)));
                  if (event != null) {
                    sink.next(event);
                  }
                })
            .doOnNext(event -> begun.set(true))
            .onErrorResume(
                e -> begun.get(), // before that, the error is the answer
                e -> {
                  ApiException known = ApiException.of(e);
                  if (known == null) {
                    Failures.log(LOG, e);
                  }
                  return Mono.just(format.failure(known == null ? e : known));
                });
    // not writeAndFlushWith, which is such a change of source for each event
    return response.writeWith(events.map(response.bufferFactory()::wrap));
  }

  /** As one, so that what a client does not yet read is not computed; null if there are none. */
  private static byte @Nullable [] joined(List<byte[]> events) {
    if (events.size() <= 1) {
      return events.isEmpty() ? null : events.get(0);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    events.forEach(all::writeBytes);
    return all.toByteArray();
  }
}
