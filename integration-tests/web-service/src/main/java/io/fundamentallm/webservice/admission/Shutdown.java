package io.fundamentallm.webservice.admission;

import io.fundamentallm.webservice.error.ApiException;
import java.time.Duration;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The end of the service. Answers under way may finish while the phase lasts in which connections
 * are still open. Shortly before it is over, the remaining ones end with an error, so that no
 * client mistakes a part for the whole. Thread-safe.
 */
@Component
public final class Shutdown implements SmartLifecycle {
  /** The most time that answers get to write their last event; at most half of a short phase. */
  private static final Duration MAX_SPARE = Duration.ofSeconds(5);

  private final Sinks.Empty<Void> over = Sinks.empty();
  private final Duration grace;
  private volatile boolean running;

  Shutdown(LifecycleProperties lifecycle) {
    Duration phase = lifecycle.getTimeoutPerShutdownPhase();
    Duration half = phase.dividedBy(2);
    grace = phase.minus(half.compareTo(MAX_SPARE) < 0 ? half : MAX_SPARE);
  }

  /** Never completes; fails with the error that clients get when answers have to end. */
  public <T> Mono<T> over() {
    return over.asMono().then(Mono.never());
  }

  @Override
  public void start() {
    running = true;
  }

  /** Begins with the phase in which the server waits for its answers, and holds up nobody. */
  @Override
  public void stop() {
    running = false;
    Mono.delay(grace).subscribe(late -> over.tryEmitError(ApiException.closing()));
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
  }
}
