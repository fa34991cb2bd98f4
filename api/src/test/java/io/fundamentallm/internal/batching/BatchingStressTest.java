package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Eight threads with many sessions each: every row is the one that the model alone gives. */
class BatchingStressTest {
  private static final int SIZE = 30;
  private static final int CONTEXT = 60;
  private static final int THREADS = 8;
  private static final int ROUNDS = 1500;

  @Test
  void logits_are_those_of_the_plain_model_whatever_the_others_do() throws Exception {
    run(ToyModel.info(SIZE, CONTEXT).build());
  }

  @Test
  void also_where_the_model_cannot_truncate() throws Exception {
    run(ToyModel.info(SIZE, CONTEXT).capabilities().build());
  }

  private static void run(ModelInfo info) throws Exception {
    ToyModel toy = new ToyModel(info, ToyModel.hashing());
    // small limits: passes are cut in all ways
    LanguageModel model = LanguageModels.batching(toy, new BatchingLimits(24, 5, 18, 100));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        results.add(threads.submit(new Worker(model, new Random(i))));
      }
      for (Future<Void> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(toy.openSessions()).isZero();
    model.close();
  }

  /** A session and what it must hold. */
  private record Expected(Session session, int[] tokens) {}

  private record Worker(LanguageModel model, Random random) implements Callable<Void> {
    @Override
    public Void call() {
      List<Expected> sessions = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        if (sessions.isEmpty() || (random.nextInt(8) == 0 && sessions.size() < 50)) {
          sessions.add(new Expected(model.open(), new int[0]));
        }
        int at = random.nextInt(sessions.size());
        Expected one = sessions.get(at);
        int action = random.nextInt(10);
        if (action == 0) {
          one.session().close();
          sessions.remove(at);
        } else if (action == 1) {
          sessions.add(new Expected(one.session().fork(), one.tokens()));
        } else if (action == 2
            && model.info().capabilities().contains(Capability.TRUNCATE)
            && one.tokens().length > 0) {
          int kept = random.nextInt(one.tokens().length);
          one.session().truncate(kept);
          sessions.set(at, new Expected(one.session(), Arrays.copyOf(one.tokens(), kept)));
        } else {
          append(sessions);
        }
      }
      sessions.forEach(one -> one.session().close());
      return null;
    }

    /** To one to three sessions at once; now and then cancelled. */
    private void append(List<Expected> sessions) {
      int first = random.nextInt(sessions.size());
      int count = Math.min(1 + random.nextInt(3), sessions.size() - first);
      List<Append> batch = new ArrayList<>();
      for (int i = first; i < first + count; i++) {
        int room = CONTEXT - sessions.get(i).tokens().length;
        if (room > 0) {
          int max = random.nextInt(4) == 0 ? 40 : 2;
          int length = 1 + random.nextInt(Math.min(max, room));
          int[] tokens = random.ints(length, 0, SIZE).toArray();
          float[][] rows = new float[random.nextInt(length + 1)][SIZE];
          batch.add(Append.of(sessions.get(i).session(), tokens, rows));
        }
      }
      AtomicInteger asks = new AtomicInteger(random.nextInt(10) == 0 ? random.nextInt(8) : 1 << 30);
      try {
        model.forward(batch, () -> asks.getAndDecrement() <= 0);
      } catch (CancellationException e) {
        for (int i = first; i < first + count; i++) {
          Expected one = sessions.get(i);
          assertThat(one.session().length()).isEqualTo(one.tokens().length);
        }
        return;
      }
      int taken = 0;
      for (int i = first; i < first + count; i++) {
        Expected one = sessions.get(i);
        if (taken < batch.size() && batch.get(taken).session() == one.session()) {
          int[] all = checked(one, batch.get(taken++));
          sessions.set(i, new Expected(one.session(), all));
        }
      }
    }

    private static int[] checked(Expected one, Append append) {
      int before = one.tokens().length;
      int[] all = Arrays.copyOf(one.tokens(), before + append.tokens().length);
      System.arraycopy(append.tokens(), 0, all, before, append.tokens().length);
      float[] expected = new float[SIZE];
      for (int i = 0; i < append.logits().length; i++) {
        int length = all.length - append.logits().length + i + 1;
        ToyModel.hashing().score(all, length, expected);
        assertThat(append.logits()[i]).isEqualTo(expected);
      }
      assertThat(one.session().length()).isEqualTo(all.length);
      return all;
    }
  }
}
