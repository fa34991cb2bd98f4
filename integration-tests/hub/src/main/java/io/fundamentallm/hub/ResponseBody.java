package io.fundamentallm.hub;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an answer, one piece at a time. A server that falls silent, or a caller who cancels,
 * ends the wait; the JDK's own streams would wait for ever.
 */
final class ResponseBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private static final long LOOK_MILLIS = 50;

  /** What ended the answer; {@code failure} is null when it is whole. */
  private record End(@Nullable Throwable failure) {}

  private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private final Duration patience;
  private volatile Flow.@Nullable Subscription subscription;

  ResponseBody(Duration patience) {
    this.patience = patience;
  }

  @Override
  public void onSubscribe(Flow.Subscription to) {
    subscription = to;
    to.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> piece) {
    arrived.add(piece);
  }

  @Override
  public void onError(Throwable failure) {
    arrived.add(new End(failure));
  }

  @Override
  public void onComplete() {
    arrived.add(new End(null));
  }

  /** The next piece, or null at the end. */
  @SuppressWarnings("unchecked") // only onNext puts lists in
  @Nullable List<ByteBuffer> next(Cancellation cancellation)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      cancellation.throwIfCancelled();
      Object one = arrived.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (one instanceof End end) {
        if (end.failure() != null) {
          throw new IOException(
              "the transfer broke off: " + end.failure().getMessage(), end.failure());
        }
        return null;
      } else if (one != null) {
        Flow.Subscription more = subscription;
        if (more != null) {
          more.request(1);
        }
        return (List<ByteBuffer>) one;
      } else if (System.nanoTime() - deadline > 0) {
        throw new HttpTimeoutException("no byte for " + patience.toSeconds() + " seconds");
      }
    }
  }

  /** Hangs up, unless the answer has ended. */
  @Override
  public void close() {
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }
}
