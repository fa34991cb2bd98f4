package io.fundamentallm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
  private static ToyModel model(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(50, 64).capabilities(capabilities).build(), ToyModel.hashing());
  }

  private static ToyModel model() {
    return model(Capability.values());
  }

  private static void put(PrefixCache cache, ToyModel model, int... tokens) {
    try (Session session = model.open()) {
      session.append(tokens);
      cache.put(model, tokens, session);
    }
  }

  /** How many tokens of this text the cache has; they are those of the text. */
  private static int cached(PrefixCache cache, ToyModel model, int... tokens) {
    try (Session session = cache.take(model, tokens)) {
      if (session == null) {
        return 0;
      }
      int length = session.length();
      float[] next = new float[50];
      session.append(new int[] {tokens[length]}, next);
      float[] expected = new float[50];
      ToyModel.hashing().score(tokens, length + 1, expected);
      assertThat(next).isEqualTo(expected);
      return length;
    }
  }

  @Test
  void the_longest_common_beginning_is_forked() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(100)) {
      put(cache, model, 1, 2, 3, 4);
      put(cache, model, 1, 2, 8, 9, 10);
      put(cache, model, 5);
      assertThat(cache.size()).isEqualTo(4 + 3 + 1);
      assertThat(cache.statistics().heldBytes()).isEqualTo(cache.size());
      assertThat(cached(cache, model, 1, 2, 3, 7, 7)).isEqualTo(3);
      assertThat(cached(cache, model, 1, 2, 8, 9, 10, 11)).isEqualTo(5);
      assertThat(cached(cache, model, 1, 7)).isEqualTo(1);
      assertThat(cached(cache, model, 7, 1, 2, 3)).isZero();
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_last_token_is_left_to_be_read() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(100)) {
      put(cache, model, 1, 2, 3);
      assertThat(cached(cache, model, 1, 2, 3)).isEqualTo(2);
      assertThat(cached(cache, model, 1, 2)).isEqualTo(1);
      assertThat(cached(cache, model, 1)).isZero();
      assertThat(cache.take(model, new int[0])).isNull();
    }
  }

  @Test
  void what_extends_a_beginning_takes_its_place_and_what_is_there_is_not_kept_twice() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(100)) {
      put(cache, model, 1, 2);
      put(cache, model, 1, 2, 3);
      assertThat(cache.size()).isEqualTo(3);
      put(cache, model, 1, 2, 3);
      put(cache, model, 1);
      assertThat(cache.size()).isEqualTo(3);
      assertThat(model.openSessions()).isEqualTo(1);
    }
  }

  @Test
  void the_least_recently_used_are_dropped_so_that_the_bound_holds() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(6)) {
      put(cache, model, 1, 1);
      put(cache, model, 2, 2);
      put(cache, model, 3, 3);
      assertThat(cached(cache, model, 1, 1, 0)).isEqualTo(2);
      put(cache, model, 4, 4);
      assertThat(cache.size()).isEqualTo(6);
      assertThat(cached(cache, model, 2, 2, 0)).isZero();
      assertThat(cached(cache, model, 1, 1, 0)).isEqualTo(2);
      put(cache, model, 5, 5, 5, 5, 5);
      assertThat(cache.size()).isEqualTo(5);
      put(cache, model, 6, 6, 6, 6, 6, 6, 6);
      assertThat(cached(cache, model, 6, 6)).isZero();
      assertThat(cached(cache, model, 5, 5)).isEqualTo(1);
      assertThat(model.openSessions()).isEqualTo(1);
    }
  }

  @Test
  void each_model_has_beginnings_of_its_own() {
    ToyModel one = model();
    ToyModel other = model();
    try (PrefixCache cache = PrefixCache.of(100)) {
      put(cache, one, 1, 2, 3);
      assertThat(cached(cache, other, 1, 2, 3, 4)).isZero();
      put(cache, other, 1, 2);
      assertThat(cached(cache, one, 1, 2, 3, 4)).isEqualTo(3);
      assertThat(cached(cache, other, 1, 2, 3, 4)).isEqualTo(2);
      assertThat(cache.size()).isEqualTo(5);
    }
    assertThat(one.openSessions() + other.openSessions()).isZero();
  }

  @Test
  void models_that_cannot_fork_or_truncate_are_not_cached() {
    for (Capability alone : List.of(Capability.TRUNCATE, Capability.SHARED_FORK)) {
      try (PrefixCache cache = PrefixCache.of(100)) {
        put(cache, model(alone), 1, 2, 3);
        assertThat(cache.size()).isZero();
      }
    }
  }

  @Test
  void a_closed_cache_is_empty_and_stays_so() {
    ToyModel model = model();
    PrefixCache cache = PrefixCache.of(100);
    put(cache, model, 1, 2, 3);
    cache.close();
    cache.close();
    assertThat(cache.size()).isZero();
    assertThat(cache.take(model, new int[] {1, 2, 3})).isNull();
    put(cache, model, 1, 2, 3);
    assertThat(cache.size()).isZero();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void misuse_is_told() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrefixCache.of(0))
        .withMessage("maxBytes 0 is not at least 1");
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(9);
        Session session = model.open()) {
      session.append(new int[] {1, 2});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cache.put(model, new int[] {1, 2, 3}, session))
          .withMessage("3 tokens are named of a session that holds 2");
    }
  }

  @Test
  void a_shared_beginning_outlives_what_follows_it() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(8)) {
      put(cache, model, 1, 2, 3, 4);
      put(cache, model, 1, 2, 5, 6);
      put(cache, model, 7, 7);
      put(cache, model, 8, 8);
      assertThat(cached(cache, model, 1, 2, 3, 4, 0)).isEqualTo(2);
      assertThat(cached(cache, model, 1, 2, 5, 6, 0)).isEqualTo(4);
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void what_is_pinned_stays_whatever_else_comes() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(10)) {
      put(cache, model, 1, 2, 3, 4, 5);
      try (Session session = model.open()) {
        session.append(new int[] {1, 2, 3});
        cache.pin(model, new int[] {1, 2, 3}, session);
      }
      for (int i = 10; i < 30; i++) {
        put(cache, model, i, i, i, i);
        assertThat(cache.statistics().heldBytes()).isLessThanOrEqualTo(10);
      }
      assertThat(cached(cache, model, 1, 2, 3, 4, 5)).isEqualTo(3);
      try (Session session = model.open()) {
        session.append(new int[] {9, 9, 9});
        assertThatIllegalArgumentException()
            .isThrownBy(() -> cache.pin(model, new int[] {9, 9, 9}, session))
            .withMessage(
                "what is pinned would take 6 bytes, more than half of the cache's 10; give the"
                    + " cache more maxBytes");
      }
    }
    assertThat(model.openSessions()).isZero();
  }

  private static void pin(PrefixCache cache, ToyModel model, int... tokens) {
    try (Session session = model.open()) {
      session.append(tokens);
      cache.pin(model, tokens, session);
    }
  }

  @Test
  void what_is_pinned_again_counts_once_and_stays_pinned() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(10)) {
      for (int i = 0; i < 8; i++) {
        pin(cache, model, 1, 2, 3);
        put(cache, model, 10 + i, 1, 2, 3, 4, 5, 6);
        assertThat(cached(cache, model, 1, 2, 3, 4)).isEqualTo(3);
      }
      pin(cache, model, 1, 2); // is part of what is pinned
      pin(cache, model, 1, 2, 3, 4, 5); // 5 bytes in all
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pin(cache, model, 1, 2, 3, 4, 5, 6))
          .withMessageContaining("would take 6 bytes");
      put(cache, model, 9, 9, 9, 9, 9);
      assertThat(cached(cache, model, 1, 2, 3, 4, 5, 6)).isEqualTo(5);
      pin(cache, model, 1, 2, 3);
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void pinned_beginnings_that_begin_alike_count_what_they_share_once() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(10)) {
      pin(cache, model, 1, 2, 3);
      pin(cache, model, 1, 2, 4);
      pin(cache, model, 1, 2, 5);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pin(cache, model, 1, 2, 6))
          .withMessageContaining("would take 6 bytes, more than half of the cache's 10");
      for (int i = 10; i < 20; i++) {
        put(cache, model, i, i, i, i, i);
      }
      for (int last = 3; last <= 6; last++) {
        assertThat(cached(cache, model, 1, 2, last, 0)).isEqualTo(last == 6 ? 2 : 3);
      }
    }
    assertThat(model.openSessions()).isZero();
  }

  /** Else each place at which something parted from it would keep a session for ever. */
  @Test
  void what_is_pinned_is_whole_again_once_what_parted_from_it_is_dropped() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(30)) {
      pin(cache, model, 1, 2, 3, 4, 5, 6);
      for (int length = 1; length < 6; length++) {
        put(cache, model, append(Arrays.copyOf(new int[] {1, 2, 3, 4, 5, 6}, length), 9, 9));
      }
      assertThat(model.openSessions()).as("a leaf for each, and where it parts").isEqualTo(11);
      put(cache, model, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38);
      put(cache, model, 40, 41, 42, 43, 44);
      assertThat(cache.size()).isEqualTo(6 + 19 + 5);
      assertThat(cache.statistics().heldBytes()).isEqualTo(cache.size());
      assertThat(model.openSessions()).isEqualTo(3);
      assertThat(cached(cache, model, 1, 2, 3, 9, 9)).isEqualTo(3);
      assertThat(cached(cache, model, 1, 2, 3, 4, 5, 6, 7)).isEqualTo(6);
    }
    assertThat(model.openSessions()).isZero();
  }

  private static int[] append(int[] tokens, int... more) {
    int[] all = Arrays.copyOf(tokens, tokens.length + more.length);
    System.arraycopy(more, 0, all, tokens.length, more.length);
    return all;
  }

  /** Beside a list of all that is pinned: it stays, the figures are right, and nothing leaks. */
  @Test
  void random_sequences_are_pinned_put_and_dropped() {
    Random random = new Random(8);
    for (int trial = 0; trial < 200; trial++) {
      ToyModel model = model();
      List<int[]> pinned = new ArrayList<>();
      try (PrefixCache cache = PrefixCache.of(12 + random.nextInt(20))) {
        for (int i = 0; i < 60; i++) {
          int[] tokens = random.ints(1 + random.nextInt(8), 0, 3).toArray();
          if (random.nextInt(6) > 0) {
            put(cache, model, tokens);
          } else {
            try {
              pin(cache, model, tokens);
              pinned.add(tokens);
            } catch (IllegalArgumentException e) {
              assertThat(e).hasMessageContaining("more than half of the cache's");
            }
          }
          cached(cache, model, random.ints(9, 0, 3).toArray());
          for (int[] one : pinned) {
            assertThat(cached(cache, model, append(one, 0))).isGreaterThanOrEqualTo(one.length);
          }
          assertThat(cache.statistics().heldBytes()).isEqualTo(cache.size());
          assertThat(model.openSessions()).isLessThanOrEqualTo((int) cache.size());
        }
      }
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void its_figures_tell_what_it_saved() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(100)) {
      put(cache, model, 1, 2, 3, 4);
      cached(cache, model, 1, 2, 3, 9);
      cached(cache, model, 5);
      assertThat(cache.statistics())
          .isEqualTo(new PrefixCacheStatistics(2, 1, 3, 4, 4, 0, 0, 0, Optional.empty()));
    }
  }

  /** Beside a list of all sequences: whatever is said to be held is, and nothing leaks. */
  @Test
  void random_sequences_are_held_as_a_tree() {
    Random random = new Random(7);
    for (int trial = 0; trial < 200; trial++) {
      ToyModel model = model();
      List<int[]> all = new ArrayList<>();
      try (PrefixCache cache = PrefixCache.of(1000)) {
        for (int i = 0; i < 30; i++) {
          int[] tokens = random.ints(1 + random.nextInt(8), 0, 3).toArray();
          put(cache, model, tokens);
          all.add(tokens);
          int[] asked = random.ints(9, 0, 3).toArray();
          int longest =
              all.stream().mapToInt(one -> common(one, asked, asked.length - 1)).max().getAsInt();
          assertThat(cached(cache, model, asked)).isEqualTo(longest);
        }
        Set<List<Integer>> beginnings = new HashSet<>();
        for (int[] tokens : all) {
          for (int length = 1; length <= tokens.length; length++) {
            beginnings.add(Arrays.stream(tokens).limit(length).boxed().toList());
          }
        }
        assertThat(cache.size()).isEqualTo(beginnings.size());
        assertThat(cache.statistics().heldBytes()).isEqualTo(beginnings.size());
      }
      assertThat(model.openSessions()).isZero();
    }
  }

  private static int common(int[] one, int[] other, int limit) {
    int length = 0;
    while (length < Math.min(limit, one.length) && one[length] == other[length]) {
      length++;
    }
    return length;
  }

  private static DecodingOptions.Builder options(long seed) {
    return DecodingOptions.builder().maxNewTokens(6).seed(seed);
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    generation.forEachRemaining(token -> ids.add(token.id()));
    return ids;
  }

  @Test
  void generations_give_the_same_with_it_and_read_only_what_is_new() {
    ToyModel model = model();
    int[] prompt = {9, 8, 7, 6};
    for (String spec : List.of("sampling", "sampling(n=3)", "sampling(best-of=3,n=2)")) {
      try (PrefixCache cache = PrefixCache.of(200)) {
        Decoder decoder = Decoders.parse(spec);
        for (int seed = 0; seed < 5; seed++) {
          Generation plain = decoder.decode(model, prompt, options(seed).build());
          Generation with = decoder.decode(model, prompt, options(seed).prefixCache(cache).build());
          assertThat(ids(with)).isEqualTo(ids(plain));
          assertThat(with.sequences()).isEqualTo(plain.sequences());
          assertThat(with.summary().cachedTokens()).isEqualTo(seed == 0 ? 0 : 3);
          assertThat(plain.summary().cachedTokens()).isZero();
        }
      }
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void the_next_turn_of_a_conversation_begins_behind_the_answer() {
    ToyModel model = model();
    try (PrefixCache cache = PrefixCache.of(200)) {
      DecodingOptions options = options(1).prefixCache(cache).build();
      List<Integer> turn = new ArrayList<>(List.of(9, 8, 7, 6));
      turn.addAll(ids(Decoders.sampling().decode(model, new int[] {9, 8, 7, 6}, options)));
      turn.addAll(List.of(3, 3));
      int[] prompt = turn.stream().mapToInt(Integer::intValue).toArray();
      long before = model.computed();
      Generation next = Decoders.sampling().decode(model, prompt, options);
      next.next();
      // the answer's last token was never read
      assertThat(next.summary().cachedTokens()).isEqualTo(4 + 6 - 1);
      assertThat(model.computed() - before).isEqualTo(3);
      next.close();
    }
  }

  @Test
  void many_threads_share_it() throws Exception {
    ToyModel model = model();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (PrefixCache cache = PrefixCache.of(60)) {
      List<Future<List<Integer>>> results = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int[] prompt = {i % 3, i % 7, i % 5, 1};
        DecodingOptions options = options(i).prefixCache(cache).build();
        results.add(threads.submit(() -> ids(Decoders.sampling().decode(model, prompt, options))));
      }
      for (int i = 0; i < 200; i++) {
        int[] prompt = {i % 3, i % 7, i % 5, 1};
        assertThat(results.get(i).get())
            .isEqualTo(ids(Decoders.sampling().decode(model(), prompt, options(i).build())));
      }
      assertThat(cache.size()).isBetween(1L, 60L);
    } finally {
      threads.shutdownNow();
    }
    assertThat(model.openSessions()).isZero();
  }
}
