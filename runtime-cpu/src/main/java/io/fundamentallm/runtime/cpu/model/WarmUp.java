package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets C2 compile a model's kernels: one daemon thread computes passes of its own with the model's
 * weights, by turns with the first and with the lasting kernels, until the lasting ones are faster.
 * So what is compiled has seen the model's own shapes and formats. This takes a second or two of a
 * processor; a few passes if the kernels were compiled for another model. Passes of many rows wait
 * for a need or for idle time, so that they do not slow down a text that is being written.
 */
final class WarmUp implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /**
   * Passes of one size.
   *
   * @param rows of a pass; kernels choose their loops by it
   * @param upTo the most rows for which that leaves no loop to be compiled
   */
  private record Stage(int rows, int upTo) {}

  /**
   * A token; the few rows for which float weights take their lowest tile; a prompt, which takes all
   * others: 20 rows are a tile of twelve and one of eight, or two of eight and one of four, or
   * three of six and one of four.
   */
  private static final List<Stage> STAGES =
      List.of(new Stage(1, 2), new Stage(3, 3), new Stage(20, Integer.MAX_VALUE));

  /**
   * Weights of 16 bits have loops of their own for two rows to 32, and expand to scratch beyond.
   */
  private static final List<Stage> STAGES_OF_HALVES =
      List.of(
          new Stage(1, 1), new Stage(3, 3), new Stage(20, 32), new Stage(40, Integer.MAX_VALUE));

  /** It leaves the processors to the first answer, but does not wait for one much longer. */
  private static final long FIRST_ANSWER_MILLIS = 1_000;

  /** Faster so many times in a row is not by chance. */
  private static final int FASTER = 3;

  /**
   * Where the lasting kernels do not become the faster ones, because the model is tiny, the JVM was
   * told not to use C2, or the machine is busy, they take over all the same: by then they are
   * compiled if ever.
   */
  private static final int MAX_ROUNDS = 2_000;

  /** The most time for passes of one size; it also ends a pass that is under way. */
  static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(4);

  /** One model at a time, so that many together take no more than a processor. */
  private static final ReentrantLock TURN = new ReentrantLock(true);

  private static final long POLL_MILLIS = 20;

  /** Tokens of the past; more than a block. */
  private static final int PAST = KvBlock.POSITIONS + 1;

  private final ColdStart start;
  private final Transformer transformer;
  private final Kernels first;
  private final Kernels lasting;
  private final CpuSession session;
  private final KvCache cache;

  /**
   * Does nothing yet.
   *
   * @param start is told what is compiled, and tells when the model is closed
   * @param cache for these passes alone; as the model's
   */
  WarmUp(
      ColdStart start,
      Transformer transformer,
      Kernels first,
      Kernels lasting,
      CpuLanguageModel model,
      KvCache cache) {
    this.start = start;
    this.transformer = transformer;
    this.first = first;
    this.lasting = lasting;
    this.cache = cache;
    session = new CpuSession(model, cache);
  }

  /** Begins, in a thread of its own. */
  void begin() {
    // not what the caller's thread has: it may belong to an application that will be unloaded
    Thread thread = new Thread(null, this, "fundamentallm-warm-up", 0, false);
    thread.setContextClassLoader(null);
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  @Override
  public void run() {
    try (Parallel alone = Parallel.ofThreads(1)) {
      long began = System.nanoTime();
      start.awaitFirstPass(FIRST_ANSWER_MILLIS);
      ForwardPass quick = new ForwardPass(transformer, first, alone, cache);
      ForwardPass slow = new ForwardPass(transformer, lasting, alone, cache);
      boolean halves = transformer.anyWeights(HalfWeights.class::isInstance);
      for (Stage stage : halves ? STAGES_OF_HALVES : STAGES) {
        if (stage.rows > 1) {
          start.awaitNeed();
        }
        takeTurn();
        try {
          warm(stage.rows, quick, slow);
        } finally {
          TURN.unlock();
        }
        start.compiled(stage.upTo);
        LOG.debug(
            "CPU kernels: {} for passes of {} tokens, {} ms after the model was loaded",
            lasting.name(),
            stage.upTo == Integer.MAX_VALUE ? "any number of" : "up to " + stage.upTo,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
      }
      quick.close();
      slow.close();
    } catch (CancellationException | ClosedModelException e) {
      LOG.trace("the model was closed before its kernels were compiled", e);
    } catch (OutOfMemoryError e) {
      LOG.debug("no room in the heap to have the kernels compiled ahead: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // by whom, if not by one who wants it to end
    } finally {
      start.compiled(Integer.MAX_VALUE);
    }
  }

  private void takeTurn() throws InterruptedException {
    while (!TURN.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      if (start.stopped()) {
        throw new ClosedModelException("the model was closed while it waited for others");
      }
    }
  }

  private void warm(int rows, ForwardPass quick, ForwardPass slow) {
    TransformerConfig config = transformer.config();
    int count = Math.min(rows, config.contextLength());
    int past = Math.min(PAST, config.contextLength() - count);
    Append append = Append.of(session, new int[count], new float[config.vocabularySize()]);
    session.truncate(0);
    long end = System.nanoTime() + MAX_NANOS;
    Cancellation cancellation = () -> start.stopped() || System.nanoTime() - end > 0;
    int faster = 0;
    try {
      for (int round = 0; round < MAX_ROUNDS && faster < FASTER; round++) {
        long limit = time(quick, append, cancellation);
        session.truncate(session.length() - count);
        faster = time(slow, append, cancellation) < limit ? faster + 1 : 0;
        if (session.length() > past) {
          session.truncate(0);
        }
      }
    } catch (CancellationException e) {
      if (start.stopped()) {
        throw e;
      }
    }
  }

  private long time(ForwardPass pass, Append append, Cancellation cancellation) {
    long began = System.nanoTime();
    session.makeRoom(append.tokens().length);
    pass.forward(List.of(append), cancellation);
    session.commit(append.tokens());
    return System.nanoTime() - began;
  }
}
