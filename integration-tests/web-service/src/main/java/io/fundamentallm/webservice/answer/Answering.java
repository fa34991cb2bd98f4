package io.fundamentallm.webservice.answer;

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
import io.fundamentallm.webservice.model.Models;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import io.fundamentallm.webservice.request.ModelRequests;
import io.fundamentallm.webservice.request.RequestReaders;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
  /** The extra time to read the rest for a client that was reading until the time limit. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Models models;
  private final RequestReaders readers;
  private final RequestBodies bodies;
  private final Admission admission;
  private final ServiceMetrics metrics;
  private final RequestLog log;
  private final Telemetry telemetry;
  private final Shutdown shutdown;
  private final Duration time;
  private final ExecutorService threads;
  private final Scheduler scheduler;

  /** For continuations that are written beside the first; as many as requests ask for. */
  private final ExecutorService beside = Executors.newCachedThreadPool();

  Answering(
      Models models,
      RequestReaders readers,
      RequestBodies bodies,
      Admission admission,
      ServiceMetrics metrics,
      RequestLog log,
      Telemetry telemetry,
      Shutdown shutdown,
      ServiceSettings settings) {
    this.models = models;
    this.readers = readers;
    this.bodies = bodies;
    this.admission = admission;
    this.metrics = metrics;
    this.log = log;
    this.telemetry = telemetry;
    this.shutdown = shutdown;
    time = settings.limits().time();
    threads = Executors.newFixedThreadPool(settings.limits().running());
    // as a plain executor: cancelled work must not be interrupted, since it may lead a pass shared
    // with others
    scheduler = Schedulers.fromExecutor(work -> threads.execute(work));
  }

  /**
   * Answers a request.
   *
   * @param operation what it is, by the conventions of {@link Telemetry}
   */
  public Mono<Void> answer(
      ServerWebExchange exchange,
      String operation,
      BiFunction<ModelRequests, Fields, AnswerPlan> reading,
      BiFunction<ServedModel, AnswerPlan, Format> format) {
    return bodies
        .read(exchange.getRequest())
        .flatMap(
            body -> {
              RequestLog.Entry entry = log.begin(RequestIds.of(exchange));
              Runnable cancelled = once(metrics::cancelled);
              return observed(
                  operation,
                  span ->
                      Mono.using(
                          this::enter,
                          ticket ->
                              begin(ticket, body, reading, span, cancelled)
                                  .flatMap(
                                      begun ->
                                          write(
                                                  exchange,
                                                  ticket,
                                                  begun.answer(),
                                                  format.apply(
                                                      begun.model(), begun.answer().plan()),
                                                  entry,
                                                  span,
                                                  cancelled)
                                              .timeout(time.plus(GRACE))),
                          Ticket::close));
            });
  }

  /** Work with a span of its own, which ends as the work does. */
  private Mono<Void> observed(String operation, Function<Telemetry.Span, Mono<Void>> work) {
    return Mono.deferContextual(
        around -> {
          Telemetry.Span span = telemetry.begin(operation, around);
          return work.apply(span)
              .onErrorMap(ApiException::meaning)
              .doOnError(span::failed)
              .doFinally(signal -> span.end());
        });
  }

  /** Answers a request with one object that is computed at once; the parameters are the same. */
  public Mono<Void> compute(ServerWebExchange exchange, String operation, Computation work) {
    return bodies
        .read(exchange.getRequest())
        .flatMap(
            body -> {
              RequestLog.Entry entry = log.begin(RequestIds.of(exchange));
              return observed(
                  operation,
                  span ->
                      Mono.using(
                              this::enter,
                              ticket ->
                                  onWorker(
                                          ticket,
                                          use ->
                                              JsonBodies.write(
                                                  computed(ticket, use, body, work, span)))
                                      .flatMap(
                                          json ->
                                              ResponseBodies.write(exchange.getResponse(), json))
                                      .doFinally(entry::end),
                              Ticket::close)
                          .doOnCancel(metrics::cancelled));
            });
  }

  private Object computed(
      Ticket ticket, Models.Use use, byte[] body, Computation work, Telemetry.Span span) {
    Fields fields = JsonBodies.read(body);
    ServedModel model = model(use, fields, span);
    long end = System.nanoTime() + time.toNanos();
    return work.compute(
        readers.of(model), fields, () -> ticket.isClosed() || System.nanoTime() - end > 0);
  }

  /** Work that has its turn within the time limit, and ends with the service. */
  private <T> Mono<T> onWorker(Ticket ticket, Function<Models.Use, T> work) {
    Models.Use use = use(ticket);
    return ticket
        .started()
        .timeout(time)
        .onErrorMap(
            TimeoutException.class,
            e -> ApiException.late("no place was free for " + time.toSeconds() + " s"))
        .then(
            Mono.<T>fromCallable(
                    () ->
                        ticket.work(
                            () -> Failures.orException(() -> unlessEnded(ticket, use, work))))
                .subscribeOn(scheduler))
        .takeUntilOther(shutdown.over());
  }

  /** What was cancelled because the client has hung up concerns nobody any more. */
  private static <T> @Nullable T unlessEnded(
      Ticket ticket, Models.Use use, Function<Models.Use, T> work) {
    try {
      return work.apply(use);
    } catch (CancellationException e) {
      if (ticket.isClosed()) {
        return null;
      }
      throw e;
    }
  }

  private Ticket enter() {
    try {
      return admission.enter();
    } catch (ApiException e) {
      metrics.refused();
      throw e;
    }
  }

  /** Of a model, until the request's work is over, even if the client hangs up before. */
  private Models.Use use(Ticket ticket) {
    Models.Use use = models.use(ticket::isClosed);
    ticket.onRelease(use::close);
    return use;
  }

  private static Runnable once(Runnable action) {
    AtomicBoolean done = new AtomicBoolean();
    return () -> {
      if (done.compareAndSet(false, true)) {
        action.run();
      }
    };
  }

  private static ServedModel model(Models.Use use, Fields fields, Telemetry.Span span) {
    ServedModel model = use.of(fields.text("model"));
    span.model(model.name());
    return model;
  }

  /** An answer that was begun, and the model that gives it. */
  private record Begun(ServedModel model, Answer answer) {}

  private Mono<Begun> begin(
      Ticket ticket,
      byte[] body,
      BiFunction<ModelRequests, Fields, AnswerPlan> reading,
      Telemetry.Span span,
      Runnable cancelled) {
    return onWorker(
            ticket,
            use -> {
              Fields fields = JsonBodies.read(body);
              ServedModel model = model(use, fields, span);
              AnswerPlan plan = reading.apply(readers.of(model), fields);
              return new Begun(model, new Answer(plan, time, beside));
            })
        .doFinally(
            signal -> {
              if (signal == SignalType.CANCEL) {
                cancelled.run();
              }
            });
  }

  private Mono<Void> write(
      ServerWebExchange exchange,
      Ticket ticket,
      Answer answer,
      Format format,
      RequestLog.Entry entry,
      Telemetry.Span span,
      Runnable cancelled) {
    Runnable logged =
        once(
            () -> {
              entry.end(answer);
              span.counted(answer);
            });
    return Mono.using(
            () -> answer,
            current -> {
              Flux<Piece> pieces = pieces(ticket, current, entry, span);
              return current.plan().stream()
                  ? ResponseBodies.stream(exchange.getResponse(), pieces, current, format)
                  : ResponseBodies.complete(exchange.getResponse(), pieces, current, format);
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

  private Flux<Piece> pieces(
      Ticket ticket, Answer answer, RequestLog.Entry entry, Telemetry.Span span) {
    return Flux.<Piece>generate(
            sink -> {
              boolean first = answer.generatedTokens() == 0;
              int before = answer.generatedTokens();
              int promptBefore = answer.promptTokens();
              Piece piece = ticket.work(() -> Failures.orException(answer::next));
              metrics.generated(answer.generatedTokens() - before);
              metrics.prompt(answer.promptTokens() - promptBefore);
              if (first && answer.generatedTokens() > 0) {
                metrics.firstToken(entry.nanos());
              }
              if (piece == null) {
                sink.complete();
              } else {
                entry.piece(piece);
                span.piece(piece, answer);
                sink.next(piece);
              }
            })
        .subscribeOn(scheduler)
        .takeUntilOther(shutdown.<Piece>over().doOnError(late -> answer.fail()));
  }

  @Override
  public void close() {
    threads.shutdown();
    beside.shutdown();
  }
}
