package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of keys and values: what takes some, what shares them, and what a budget does. */
class KvCacheTest {
  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(37, 1100, 24, 2, 3);

  /** 2 layers of 3 heads, each with keys [8][32] and values [32][32]. */
  private static final long BLOCK = 4 * 2 * 3 * 32 * (8 + 32);

  private static CpuLanguageModel model(KvCache.Format format, OptionalLong budget) {
    return RandomGpt2.model(CONFIG, Kernels.best(), Parallel.ofThreads(2), format, budget);
  }

  private static CpuLanguageModel model(int blocks) {
    return model(KvCache.Format.F32, OptionalLong.of(blocks * BLOCK));
  }

  private static int[] tokens(int count) {
    return new Random(count).ints(count, 0, CONFIG.vocabularySize()).toArray();
  }

  private static float[] next(Session session, int token) {
    float[] logits = new float[CONFIG.vocabularySize()];
    session.append(new int[] {token}, logits);
    return logits;
  }

  private static Session opened(LanguageModel model, int count) {
    Session session = model.open();
    session.append(tokens(count));
    return session;
  }

  /** That a session holds these tokens, by the logits of one more; then it is as before. */
  private static void assertHolds(Session session, int[] tokens) {
    assertThat(session.length()).isEqualTo(tokens.length);
    float[] logits = next(session, 3);
    session.truncate(tokens.length);
    try (LanguageModel other = model(KvCache.Format.F32, OptionalLong.empty());
        Session fresh = other.open()) {
      fresh.append(tokens);
      assertThat(logits).isEqualTo(next(fresh, 3));
    }
  }

  @Test
  void a_full_cache_names_the_figures_and_what_to_do_and_changes_nothing() {
    try (CpuLanguageModel model = model(4);
        Session first = opened(model, 40);
        Session second = opened(model, 64);
        Session third = model.open()) {
      assertThatThrownBy(() -> third.append(tokens(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the key/value cache is full: sessions hold 4 blocks of 30720 bytes, 32 tokens each,"
                  + " and the budget is 122880 bytes; close sessions, or load the model with a"
                  + " larger cache-memory");
      assertThat(third.length()).isZero();
      assertThatThrownBy(() -> second.append(tokens(1))).isInstanceOf(IllegalStateException.class);
      assertThat(second.length()).isEqualTo(64);
      assertThatThrownBy(() -> first.append(tokens(25))).isInstanceOf(IllegalStateException.class);
      assertThat(model.cache().blocksInUse()).isEqualTo(4);
      assertHolds(first, tokens(40)); // in the room that its last block has
      second.close();
      assertThat(model.cache().blocksInUse()).isEqualTo(2);
      third.append(tokens(33));
      assertHolds(third, tokens(33));
      assertHolds(first, tokens(40));
      assertThat(model.cache().blocksInUse()).isEqualTo(4);
    }
  }

  @Test
  void a_batch_that_does_not_fit_gives_back_what_it_had_taken() {
    try (CpuLanguageModel model = model(4);
        Session first = opened(model, 40);
        Session second = model.open();
        Session third = model.open()) {
      List<Append> batch =
          List.of(
              Append.of(first, tokens(30)),
              Append.of(second, tokens(30)),
              Append.of(third, tokens(30)));
      assertThatThrownBy(() -> model.forward(batch, Cancellation.none()))
          .isInstanceOf(CacheFullException.class)
          .hasMessageStartingWith("the key/value cache is full");
      assertThat(model.cache().blocksInUse()).isEqualTo(2);
      assertThat(second.length()).isZero();
      assertThat(third.length()).isZero();
      assertHolds(first, tokens(40));
      model.forward(batch.subList(0, 2), Cancellation.none());
      assertThat(model.cache().blocksInUse()).isEqualTo(4);
    }
  }

  @Test
  void a_fork_that_cannot_copy_the_block_it_must_write_into_is_as_before() {
    try (CpuLanguageModel model = model(2);
        Session session = opened(model, 40);
        Session fork = session.fork()) {
      float[] expected = next(session, 5); // in place
      assertThatThrownBy(() -> next(fork, 6)).hasMessageStartingWith("the key/value cache is full");
      assertThat(fork.length()).isEqualTo(40);
      session.truncate(40);
      session.close();
      assertThat(next(fork, 5)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 30720", "F16, 15360", "INT8, 9216"})
  void a_block_takes_what_its_format_needs(KvCache.Format format, long bytes) {
    try (CpuLanguageModel model = model(format, OptionalLong.of(3 * bytes))) {
      opened(model, 96);
      Session more = model.open();
      assertThatThrownBy(() -> more.append(tokens(1)))
          .hasMessageContaining("3 blocks of " + bytes + " bytes");
    }
    try (CpuLanguageModel model = model(format, OptionalLong.of(3 * bytes - 1))) {
      Session session = model.open();
      assertThatThrownBy(() -> session.append(tokens(96)))
          .hasMessageContaining("2 blocks of " + bytes + " bytes");
      assertThat(model.cache().blocksInUse()).isZero();
    }
  }

  @Test
  void forks_of_a_thousand_tokens_take_no_block_until_they_write() {
    try (CpuLanguageModel model = model(KvCache.Format.F32, OptionalLong.empty());
        Session session = opened(model, 1000)) {
      KvCache cache = model.cache();
      assertThat(cache.blocksInUse()).isEqualTo(32);
      List<Session> forks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        forks.add(session.fork());
      }
      assertThat(cache.blocksInUse()).isEqualTo(32);
      next(forks.get(0), 1); // in place: nobody else reads on
      assertThat(cache.blocksInUse()).isEqualTo(32);
      next(forks.get(1), 2); // must not overwrite that: a copy of one block
      assertThat(cache.blocksInUse()).isEqualTo(33);
      next(session, 3);
      assertThat(cache.blocksInUse()).isEqualTo(34);
      next(session, 3);
      assertThat(cache.blocksInUse()).isEqualTo(34);
      assertHolds(forks.get(2), tokens(1000));
      forks.forEach(Session::close);
      assertThat(cache.blocksInUse()).isEqualTo(32);
    }
  }

  @Test
  void truncating_takes_no_block_and_gives_back_those_behind_the_end() {
    try (CpuLanguageModel model = model(KvCache.Format.F32, OptionalLong.empty());
        Session session = opened(model, 1000)) {
      KvCache cache = model.cache();
      try (Session fork = session.fork()) {
        fork.truncate(500);
        assertThat(cache.blocksInUse()).isEqualTo(32);
        session.truncate(100);
        // the fork alone still holds the blocks up to 500
        assertThat(cache.blocksInUse()).isEqualTo(16);
        assertHolds(fork, Arrays.copyOf(tokens(1000), 500));
      }
      assertThat(cache.blocksInUse()).isEqualTo(4);
      assertHolds(session, Arrays.copyOf(tokens(1000), 100));
      session.truncate(0);
      assertThat(cache.blocksInUse()).isZero();
    }
  }

  @Test
  void blocks_given_back_are_taken_again_up_to_sixteen() {
    TransformerConfig shape = Shapes.llama(3, 3, 8, false, 0, 0);
    KvCache cache = new KvCache(shape, KvCache.Format.F16, 20 * BLOCK);
    List<KvBlock> blocks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      blocks.add(cache.acquire());
    }
    blocks.forEach(cache::release);
    assertThat(cache.blocksInUse()).isZero();
    int known = 0;
    for (int i = 0; i < 20; i++) {
      KvBlock block = cache.acquire();
      assertThat(block.written).isZero();
      known += blocks.contains(block) ? 1 : 0;
    }
    assertThat(known).isEqualTo(16);
  }

  @Test
  void spare_blocks_count_within_the_budget() {
    TransformerConfig shape = Shapes.llama(3, 3, 8, false, 0, 0);
    KvCache cache = new KvCache(shape, KvCache.Format.F32, 3 * BLOCK);
    for (int round = 0; round < 3; round++) {
      List<KvBlock> blocks = List.of(cache.acquire(), cache.acquire(), cache.acquire());
      assertThatThrownBy(cache::acquire).isInstanceOf(IllegalStateException.class);
      blocks.forEach(cache::release);
    }
    assertThat(cache.blocksInUse()).isZero();
  }

  @Test
  void what_is_kept_beside_keys_and_values_counts_in_the_budget() {
    try (CpuLanguageModel model = model(4);
        Session first = opened(model, 40);
        Session second = model.open()) {
      second.reserve(BLOCK);
      second.reserve(2 * BLOCK);
      assertThatThrownBy(() -> second.reserve(2 * BLOCK + 1))
          .isInstanceOf(CacheFullException.class)
          .hasMessageContaining("hidden states")
          .hasMessageContaining("cache-memory");
      assertThat(model.cache().bytesReserved()).isEqualTo(2 * BLOCK);
      assertThatThrownBy(() -> first.append(tokens(40))).isInstanceOf(CacheFullException.class);
      assertHolds(first, tokens(40));
      try (Session fork = second.fork()) {
        assertThatThrownBy(() -> fork.reserve(1)).isInstanceOf(CacheFullException.class);
        assertThatThrownBy(() -> fork.reserve(-1)).isInstanceOf(IllegalArgumentException.class);
      }
      second.reserve(0);
      first.append(tokens(80));
      assertThat(model.cache().blocksInUse()).isEqualTo(4);
    }
  }

  @Test
  void a_closed_session_gives_back_what_it_kept_and_blocks_kept_for_later_make_room() {
    try (CpuLanguageModel model = model(4)) {
      opened(model, 128).close();
      Session session = model.open();
      session.reserve(4 * BLOCK); // the four are kept for the next session, and are dropped now
      assertThatThrownBy(() -> opened(model, 1)).isInstanceOf(CacheFullException.class);
      session.close();
      session.close();
      assertThat(model.cache().bytesReserved()).isZero();
      opened(model, 128).close();
      assertThatThrownBy(() -> session.reserve(1)).isInstanceOf(IllegalStateException.class);
    }
  }
}
