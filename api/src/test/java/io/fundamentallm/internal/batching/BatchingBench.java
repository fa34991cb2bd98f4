package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Callers in threads of their own, and a model below whose passes the test lets run. */
abstract class BatchingBench {
  static final int SIZE = 50;

  WatchedModel watched = new WatchedModel(ToyModel.info(SIZE, 100).build());
  LanguageModel model = LanguageModels.batching(watched, BatchingLimits.defaults());
  private final List<Caller> callers = new ArrayList<>();

  void open(ModelInfo info, BatchingLimits limits) {
    watched = new WatchedModel(info);
    model = LanguageModels.batching(watched, limits);
  }

  @AfterEach
  void endAll() throws InterruptedException {
    watched.free();
    for (Caller caller : callers) {
      caller.thread.join(TimeUnit.MINUTES.toMillis(5));
      assertThat(caller.thread.isAlive()).as(caller.thread.getName()).isFalse();
    }
    model.close();
  }

  /** A call of forward in a thread of its own. */
  final class Caller {
    final Thread thread;
    final List<Append> batch;
    volatile @Nullable Throwable thrown;

    private Caller(List<Append> batch, Cancellation cancellation) {
      this.batch = batch;
      thread =
          new Thread(
              () -> {
                try {
                  model.forward(batch, cancellation);
                } catch (Throwable e) {
                  thrown = e;
                }
              });
      callers.add(this);
      thread.start();
    }

    @Nullable Throwable join() throws InterruptedException {
      thread.join(TimeUnit.MINUTES.toMillis(5));
      assertThat(thread.isAlive()).isFalse();
      return thrown;
    }

    Session session() {
      return batch.get(0).session();
    }
  }

  /** Calls, and waits until the call waits for a pass. */
  Caller queued(Append... batch) throws InterruptedException {
    return queued(Cancellation.none(), batch);
  }

  Caller queued(Cancellation cancellation, Append... batch) throws InterruptedException {
    Caller caller = new Caller(List.of(batch), cancellation);
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (LockSupport.getBlocker(caller.thread) != model) {
      assertThat(System.nanoTime()).as("the call never waited").isLessThan(end);
      Thread.sleep(1);
    }
    return caller;
  }

  /** Calls, and waits until its pass is under way. */
  Caller running(Append... batch) throws InterruptedException {
    return running(Cancellation.none(), batch);
  }

  Caller running(Cancellation cancellation, Append... batch) throws InterruptedException {
    int before = watched.passes.size();
    Caller caller = new Caller(List.of(batch), cancellation);
    watched.awaitPasses(before + 1);
    return caller;
  }

  /** An append of so many tokens to a new session, with the logits of the last ones. */
  Append append(int count, int rows) {
    return append(model.open(), count, rows);
  }

  Append append(Session session, int count, int rows) {
    int[] tokens = new Random(count).ints(count, 0, SIZE).toArray();
    return Append.of(session, tokens, new float[rows][SIZE]);
  }

  /** That rows are what the model alone gives for these tokens of an empty session. */
  static void assertRight(Append append) {
    int length = append.tokens().length;
    for (int i = 0; i < append.logits().length; i++) {
      float[] expected = new float[SIZE];
      int seen = length - append.logits().length + i + 1;
      ToyModel.hashing().score(Arrays.copyOf(append.tokens(), seen), seen, expected);
      assertThat(append.logits()[i]).as("row %d", i).isEqualTo(expected);
    }
    assertThat(append.session().length()).isEqualTo(length);
  }
}
