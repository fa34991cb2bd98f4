package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which kernels compute the first passes of a model. The JVM interprets the Vector API until C2 has
 * compiled what calls it. On two cores of a Granite Rapids, JDK 17, the first pass with 4 tokens
 * took 378 ms with the vector kernels and 33 with the scalar ones (15M parameters), or 714 and 209
 * (110M). The bits are the same. So small passes begin with the scalar kernels, and go over to the
 * others once {@link WarmUp} has seen them compiled, first those of few rows. Large passes take the
 * vector kernels at once: there they pay for being compiled.
 *
 * <p>Passes come one at a time; any thread may say what is compiled.
 */
final class ColdStart {
  /**
   * Parameters times tokens from which a pass is large: 145 tokens with 110M parameters. With 128
   * of them the scalar kernels still took half the time; the two would meet at about 220.
   */
  private static final long LARGE = 16_000_000_000L;

  /**
   * A model so large that fewer tokens are a large pass begins with the vector kernels; those of
   * {@link WarmUp} are few enough. Nobody has measured more than 110M parameters.
   */
  private static final int SMALLEST = 20;

  private static final long POLL_MILLIS = 20;
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private @Nullable ForwardPass first; // null once the lasting kernels are compiled
  private final ForwardPass lasting;
  private final long largest; // rows of a small pass
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile int compiled; // rows of a pass up to which the lasting kernels are
  private volatile long wanted; // rows of the largest pass that came too early
  private volatile boolean passing; // a pass is under way
  private volatile long ended = System.nanoTime(); // when the latest pass did
  private volatile boolean stopped;

  /**
   * A model that was just loaded.
   *
   * @param first passes with kernels that are fast at once; null to begin with the others
   * @param lasting passes with kernels that have yet to be compiled, with the same results
   * @param parameters of the model; 0 if unknown
   */
  ColdStart(@Nullable ForwardPass first, ForwardPass lasting, long parameters) {
    this.first = first;
    this.lasting = lasting;
    largest = LARGE / Math.max(1, parameters);
  }

  /**
   * Whether it pays to begin with other kernels. Not with quantised weights, as far as is known:
   * the scalar kernels unpack them for each row, and on a busy machine took about as long. Nor on
   * one processor, which the first answer would share with the passes that have kernels compiled.
   */
  static boolean pays(Transformer transformer, long parameters) {
    return !transformer.anyWeights(PackedWeights::quantized)
        && pays(parameters, Runtime.getRuntime().availableProcessors());
  }

  /** The same of weights that are floats. */
  static boolean pays(long parameters, int processors) {
    return parameters <= LARGE / SMALLEST && processors > 1;
  }

  /** Computes a checked batch whose sessions have room reserved, as either does. */
  void forward(List<Append> batch, Cancellation cancellation) {
    ForwardPass begin = first;
    if (begin != null && compiled == Integer.MAX_VALUE) {
      begin.close();
      first = null;
      begin = null;
    }
    long rows = 0;
    for (int i = 0; i < batch.size(); i++) {
      rows += batch.get(i).tokens().length;
    }
    ForwardPass pass = begin == null || rows <= compiled || rows > largest ? lasting : begin;
    if (pass == begin && compiled > 0) {
      wanted = Math.max(wanted, rows);
    }
    passing = true;
    try {
      pass.forward(batch, cancellation);
    } finally {
      ended = System.nanoTime();
      passing = false;
      begun.countDown();
    }
  }

  /** The lasting kernels are compiled for passes of up to so many rows. */
  void compiled(int rows) {
    compiled = rows;
  }

  /** Waits for the first pass to be done, but no longer than this. */
  void awaitFirstPass(long millis) throws InterruptedException {
    begun.await(millis, TimeUnit.MILLISECONDS);
  }

  /**
   * Waits until a pass would have taken lasting kernels that are not compiled, or until no pass has
   * come for a while, but no longer than some seconds.
   */
  void awaitNeed() throws InterruptedException {
    long began = System.nanoTime();
    long now = began;
    while (wanted <= compiled && !stopped && !quiet(now) && now - began < PATIENCE_NANOS) {
      Thread.sleep(POLL_MILLIS);
      now = System.nanoTime();
    }
  }

  /** Whether no pass is under way, and none has been for a while. */
  boolean quiet(long nanoTime) {
    return !passing && nanoTime - ended >= QUIET_NANOS;
  }

  /** The model is closed: ends the warm-up, and frees what is outside the heap. */
  void close() {
    stopped = true;
    begun.countDown();
    if (first != null) {
      first.close();
    }
    lasting.close();
  }

  /** Whether the model is closed. */
  boolean stopped() {
    return stopped;
  }
}
