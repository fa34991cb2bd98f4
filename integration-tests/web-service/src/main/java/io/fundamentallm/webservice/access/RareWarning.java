package io.fundamentallm.webservice.access;

import java.time.Duration;
import org.slf4j.Logger;

/**
 * A warning about what clients do, at most once a minute, with the number of times. It repeats
 * nothing that a client chose. Thread-safe.
 */
final class RareWarning {
  private static final Duration BETWEEN = Duration.ofMinutes(1);

  private final Logger logger;
  private final String what;
  private long since;
  private long last;
  private boolean warned;

  RareWarning(Logger logger, String what) {
    this.logger = logger;
    this.what = what;
  }

  /** It happened once more. */
  public synchronized void count() {
    since++;
    long now = System.nanoTime();
    if (!warned || now - last >= BETWEEN.toNanos()) {
      logger.warn("{}: {} since the last such line, of which there is one a minute", what, since);
      warned = true;
      last = now;
      since = 0;
    }
  }
}
