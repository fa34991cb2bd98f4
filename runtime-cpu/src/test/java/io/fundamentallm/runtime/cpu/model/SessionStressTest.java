package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Eight threads and thousands of sessions on one model: no block is lost and no logit is wrong. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("once")
class SessionStressTest {
  private static final int THREADS = 8;

  private static CpuLanguageModel model(int threads, OptionalLong budget) {
    return RandomGpt2.model(
        RandomGpt2.CONFIG, Kernels.best(), Parallel.ofThreads(threads), KvCache.Format.F32, budget);
  }

  /** Lets threads walk on a model, and gives how many appends a full cache refused. */
  private static int walk(LanguageModel model, int sessions, long seed) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Integer>> walks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        LanguageModel quiet = model(1, OptionalLong.empty());
        walks.add(threads.submit(new SessionWalk(model, quiet, sessions, seed + i)));
      }
      int refused = 0;
      for (Future<Integer> walk : walks) {
        refused += walk.get();
      }
      return refused;
    } finally {
      threads.shutdownNow();
    }
  }

  private static int walkAndCount(int sessions, OptionalLong budget, boolean batching, long seed)
      throws Exception {
    CpuLanguageModel model = model(2, budget);
    BatchingLimits limits = BatchingLimits.defaults().withTokens(32).withPrefillTokens(8);
    try (LanguageModel used = batching ? LanguageModels.batching(model, limits) : model) {
      int refused = walk(used, sessions, seed);
      assertThat(model.cache().blocksInUse()).isZero();
      return refused;
    }
  }

  @Test
  void hundreds_of_sessions_in_each_thread() throws Exception {
    assertThat(walkAndCount(300, OptionalLong.empty(), false, 1)).isZero();
  }

  @Test
  void hundreds_of_sessions_in_each_thread_through_batching() throws Exception {
    assertThat(walkAndCount(300, OptionalLong.empty(), true, 2)).isZero();
  }

  @Test
  void sessions_that_a_full_cache_refuses_are_as_before_and_the_others_go_on() throws Exception {
    // a third of what eight threads with three sessions of two blocks would take
    OptionalLong budget = OptionalLong.of(16 * 30_720L);
    assertThat(walkAndCount(150, budget, false, 3)).isPositive();
    assertThat(walkAndCount(150, budget, true, 4)).isPositive();
  }

  @Tag("long")
  @Test
  void twenty_thousand_sessions_in_each_thread() throws Exception {
    assertThat(walkAndCount(20_000, OptionalLong.empty(), false, 5)).isZero();
    assertThat(walkAndCount(20_000, OptionalLong.empty(), true, 6)).isZero();
  }
}
