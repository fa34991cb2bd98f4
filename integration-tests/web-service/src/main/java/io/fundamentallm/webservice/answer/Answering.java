package io.fundamentallm.webservice.answer;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.webservice.access.RequestIds;
import io.fundamentallm.webservice.admission.Admission;
import io.fundamentallm.webservice.admission.Admission.Ticket;
import io.fundamentallm.webservice.admission.RequestBodies;
import io.fundamentallm.webservice.admission.ServiceMetrics;
import io.fundamentallm.webservice.admission.Shutdown;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.error.Failures;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.json.JsonBodies;
import io.fundamentallm.webservice.request.AnswerPlan;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Takes requests from their body to their answer. Anything that ends a request, be it the last
 * byte, an error, the time limit, the end of the service or a client that hangs up, also ends its
 * generation and frees its place.
 *
 * <p>Nothing here blocks the threads that serve connections. The model runs on separate threads,
 * one for each request that may run, and computes only what the client has room for: a client that
 * reads slowly keeps a session but no thread.
 */
@Component
public final class Answering implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

  /** The extra time to read the rest for a client that was reading until the time limit. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final RequestBodies bodies;
  private final Admission admission;
  private final ServiceMetrics metrics;
  private final RequestLog log;
  private final Shutdown shutdown;
  private final Duration time;
  private final ExecutorService threads;
  private final Scheduler scheduler;

  /** For continuations that are written beside the first; as many as requests ask for. */
  private final ExecutorService beside = Executors.newCachedThreadPool();

  Answering(
      RequestBodies bodies,
      Admission admission,
      ServiceMetrics metrics,
      RequestLog log,
      Shutdown shutdown,
      ServiceSettings settings) {
    this.bodies = bodies;
    this.admission = admission;
    this.metrics = metrics;
    this.log = log;
    this.shutdown = shutdown;
    time = settings.limits().time();
    threads = Executors.newFixedThreadPool(settings.limits().running());
    // as a plain executor: cancelled work must not be interrupted, since it may lead a pass shared
    // with others
    scheduler = Schedulers.fromExecutor(work -> threads.execute(work));
  }

  /** Answers a request. */
  public Mono<Void> answer(
      ServerWebExchange exchange,
      Function<Fields, AnswerPlan> reading,
      Function<AnswerPlan, Format> format) {
    return bodies
        .read(exchange.getRequest())
        .flatMap(
            body -> {
              RequestLog.Entry entry = log.begin(RequestIds.of(exchange));
              Runnable cancelled = once(metrics::cancelled);
              return Mono.using(
                  this::enter,
                  ticket ->
                      begin(ticket, body, reading, cancelled)
                          .flatMap(
                              answer ->
                                  write(
                                          exchange,
                                          ticket,
                                          answer,
                                          format.apply(answer.plan()),
                                          entry,
                                          cancelled)
                                      .timeout(time.plus(GRACE))),
                  Ticket::close);
            });
  }

  /** Answers a request with one object that is computed at once. */
  public Mono<Void> compute(ServerWebExchange exchange, Function<Fields, Object> work) {
    return bodies
        .read(exchange.getRequest())
        .flatMap(
            body ->
                Mono.using(
                    this::enter,
                    ticket ->
                        ticket
                            .started()
                            .timeout(time)
                            .onErrorMap(
                                TimeoutException.class,
                                e ->
                                    ApiException.late(
                                        "no place was free for " + time.toSeconds() + " s"))
                            .then(
                                Mono.fromCallable(
                                        () ->
                                            ticket.work(
                                                () ->
                                                    orException(
                                                        () ->
                                                            JsonBodies.write(
                                                                work.apply(
                                                                    JsonBodies.read(body))))))
                                    .subscribeOn(scheduler))
                            .takeUntilOther(shutdown.over())
                            .flatMap(json -> written(exchange.getResponse(), json)),
                    Ticket::close));
  }

  private static Mono<Void> written(ServerHttpResponse response, byte[] json) {
    response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
    response.getHeaders().setContentLength(json.length);
    return response.writeWith(Mono.just(response.bufferFactory().wrap(json)));
  }

  private Ticket enter() {
    try {
      return admission.enter();
    } catch (ApiException e) {
      metrics.refused();
      throw e;
    }
  }

  private static Runnable once(Runnable action) {
    AtomicBoolean done = new AtomicBoolean();
    return () -> {
      if (done.compareAndSet(false, true)) {
        action.run();
      }
    };
  }

  private Mono<Answer> begin(
      Ticket ticket, byte[] body, Function<Fields, AnswerPlan> reading, Runnable cancelled) {
    return ticket
        .started()
        .timeout(time)
        .onErrorMap(
            TimeoutException.class,
            e -> ApiException.late("no place was free for " + time.toSeconds() + " s"))
        .then(
            Mono.fromCallable(
                    () ->
                        ticket.work(
                            () ->
                                orException(
                                    () ->
                                        new Answer(
                                            reading.apply(JsonBodies.read(body)), time, beside))))
                .subscribeOn(scheduler))
        .takeUntilOther(shutdown.over())
        .doFinally(
            signal -> {
              if (signal == SignalType.CANCEL) {
                cancelled.run();
              }
            });
  }

  /** Errors such as a stack overflow concern one request; the framework would let it hang. */
  private static <T> @Nullable T orException(Supplier<@Nullable T> work) {
    try {
      return work.get();
    } catch (Error e) {
      throw new IllegalStateException("the work of one request failed", e);
    }
  }

  private Mono<Void> write(
      ServerWebExchange exchange,
      Ticket ticket,
      Answer answer,
      Format format,
      RequestLog.Entry entry,
      Runnable cancelled) {
    Runnable logged = once(() -> entry.end(answer));
    return Mono.using(
            () -> answer,
            current -> {
              Flux<Piece> pieces = pieces(ticket, current, entry);
              return current.plan().stream()
                  ? stream(exchange.getResponse(), pieces, current, format)
                  : complete(exchange.getResponse(), pieces, current, format);
            },
            Answer::close)
        // before the place is free, so that whoever sees it free finds everything counted
        .doOnTerminate(
            () -> {
              // if the client has hung up, writing to it may end as if everything was written
              if (!answer.isComplete() && !answer.hasFailed()) {
                cancelled.run();
              }
              logged.run();
            })
        .doOnCancel(
            () -> {
              // everything may be computed by then, but not read
              if (!answer.hasFailed()) {
                cancelled.run();
              }
              logged.run();
            });
  }

  private Flux<Piece> pieces(Ticket ticket, Answer answer, RequestLog.Entry entry) {
    return Flux.<Piece>generate(
            sink -> {
              boolean first = answer.generatedTokens() == 0;
              int before = answer.generatedTokens();
              int promptBefore = answer.promptTokens();
              Piece piece = ticket.work(() -> orException(answer::next));
              metrics.generated(answer.generatedTokens() - before);
              metrics.prompt(answer.promptTokens() - promptBefore);
              if (first && answer.generatedTokens() > 0) {
                metrics.firstToken(entry.nanos());
              }
              if (piece == null) {
                sink.complete();
              } else {
                entry.piece(piece);
                sink.next(piece);
              }
            })
        .subscribeOn(scheduler)
        .takeUntilOther(shutdown.<Piece>over().doOnError(late -> answer.fail()));
  }

  static Mono<Void> complete(
      ServerHttpResponse response, Flux<Piece> pieces, Answer answer, Format format) {
    return pieces
        .collectList()
        .flatMap(
            all -> {
              response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
              byte[] body =
                  requireNonNull(orException(() -> JsonBodies.write(format.complete(all, answer))));
              response.getHeaders().setContentLength(body.length);
              return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
            });
  }

  static Mono<Void> stream(
      ServerHttpResponse response, Flux<Piece> pieces, Answer answer, Format format) {
    response.getHeaders().setContentType(MediaType.TEXT_EVENT_STREAM);
    response.getHeaders().setCacheControl("no-cache");
    AtomicBoolean begun = new AtomicBoolean();
    Flux<byte[]> events =
        pieces
            .<byte[]>handle(
                (piece, sink) -> {
                  byte[] event = orException(() -> joined(format.events(piece, answer)));
                  if (event != null) {
                    sink.next(event);
                  }
                })
            .doOnNext(event -> begun.set(true))
            .concatWith(Flux.defer(() -> Flux.fromIterable(format.ending(answer))))
            .onErrorResume(
                e -> begun.get(), // before that, the error is the answer
                e -> {
                  if (!(e instanceof ApiException)) {
                    Failures.log(LOG, e);
                  }
                  return Mono.just(format.failure(e));
                });
    return response.writeAndFlushWith(
        events.map(event -> Mono.just(response.bufferFactory().wrap(event))));
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

  @Override
  public void close() {
    threads.shutdown();
    beside.shutdown();
  }
}
