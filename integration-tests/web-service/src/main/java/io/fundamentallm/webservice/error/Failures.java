package io.fundamentallm.webservice.error;

import io.netty.handler.ssl.SslClosedEngineException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;
import reactor.netty.channel.AbortedException;

/**
 * Keeps what goes wrong inside to one request, and logs it without the messages, which may contain
 * what a user typed.
 */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
  private static final int MAX_DEPTH = 8;

  private Failures() {}

  /** Whether a client has hung up, which is no failure of the service: by TLS, too. */
  public static boolean isHangUp(Throwable error) {
    return error instanceof AbortedException || error instanceof SslClosedEngineException;
  }

  /** Logs, in the same way, errors that cannot be reported because the client has hung up. */
  public static void logDropped() {
    Hooks.onErrorDropped(error -> log(LOG, error));
  }

  public static void log(Logger logger, Throwable error) {
    if (isHangUp(error)) {
      return;
    }
    StringBuilder text = new StringBuilder();
    Throwable at = error;
    for (int i = 0; at != null && i < MAX_DEPTH; i++, at = at.getCause()) {
      text.append(i == 0 ? "" : "\nCaused by: ").append(at.getClass().getName());
      Arrays.stream(at.getStackTrace()).forEach(frame -> text.append("\n\tat ").append(frame));
    }
    logger.error("a request failed: {}", text);
  }

  /** Errors such as a stack overflow concern one request; the framework would let it hang. */
  public static <T> @Nullable T orException(Supplier<@Nullable T> work) {
    try {
      return work.get();
    } catch (Error e) {
      throw new IllegalStateException("the work of one request failed", e);
    }
  }
}
