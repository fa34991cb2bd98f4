package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link LanguageModel} and its sessions promise. Where a model lacks a capability, the
 * contract checks that it says so and reports the rest as skipped.
 */
public abstract class LanguageModelContract extends ModelRefusals {
  /** For the contract's subclasses. */
  protected LanguageModelContract() {}

  @Test
  void the_description_is_consistent() {
    ModelInfo info = model.info();
    assertThat(info.vocabularySize()).isPositive();
    assertThat(info.contextLength()).isPositive();
    assertThat(info.architecture()).isNotBlank();
    assertThat(info.device()).isNotBlank();
    assertThat(info.endTokens()).allMatch(token -> token >= 0 && token < info.vocabularySize());
    info.beginToken().ifPresent(token -> assertThat(token).isBetween(0, info.vocabularySize() - 1));
  }

  @Test
  void a_new_session_is_empty() {
    try (Session session = model.open()) {
      assertThat(session.model()).isSameAs(model);
      assertThat(session.length()).isZero();
      assertThat(session.remaining()).isEqualTo(model.info().contextLength());
    }
  }

  @Test
  void logits_through_the_cache_are_those_of_the_whole_sequence_at_every_length() {
    int[] tokens = tokens(max(), 1);
    float[][] whole = whole(tokens);
    try (Session session = model.open()) {
      for (int i = 0; i < tokens.length; i++) {
        float[] row = next(session, tokens[i]);
        assertClose(row, whole[i], "length " + (i + 1) + ", one pass");
        assertClose(row, recomputed(first(tokens, i + 1)), "length " + (i + 1) + ", recomputed");
        assertThat(session.length()).isEqualTo(i + 1);
      }
    }
  }

  @Test
  void every_entry_of_a_row_is_written() {
    int[] tokens = tokens(Math.min(8, max()), 16);
    float[][] rows = whole(tokens);
    try (Session session = model.open()) {
      for (int i = 0; i < tokens.length; i++) {
        assertWritten(rows[i], "row " + i + " of " + tokens.length);
        assertWritten(next(session, tokens[i]), "the row of token " + i + " by itself");
      }
    }
  }

  private static void assertWritten(float[] row, String what) {
    for (int token = 0; token < row.length; token++) {
      assertThat(row[token])
          .as("%s, the logit of token %d: NaN was there before the pass", what, token)
          .isNotNaN();
    }
  }

  @Test
  void rows_are_those_of_the_last_tokens() {
    int[] tokens = tokens(Math.min(8, max()), 2);
    float[][] whole = whole(tokens);
    for (int count = 0; count <= tokens.length; count++) {
      float[][] rows = rows(count);
      try (Session session = model.open()) {
        session.append(tokens, rows);
        assertThat(session.length()).isEqualTo(tokens.length);
      }
      for (int i = 0; i < count; i++) {
        assertSame(rows[i], whole[tokens.length - count + i], count + " rows, row " + i);
      }
    }
  }

  @Test
  void chunks_of_any_size_give_the_same_logits() {
    int[] tokens = tokens(max(), 3);
    float[][] whole = whole(tokens);
    for (int chunk : new int[] {2, 3, 7, 16, 33}) {
      try (Session session = model.open()) {
        for (int from = 0; from < tokens.length; from += chunk) {
          int to = Math.min(tokens.length, from + chunk);
          float[][] rows = rows(to - from);
          forward(append(session, Arrays.copyOfRange(tokens, from, to), rows));
          for (int i = from; i < to; i++) {
            assertSame(rows[i - from], whole[i], "chunks of " + chunk + ", token " + i);
          }
        }
      }
    }
  }

  @Test
  void what_else_is_in_the_batch_makes_no_difference() {
    int long1 = Math.max(1, max() - 1);
    int[][] pasts = {{}, tokens(1, 1), tokens(long1, 2), tokens(long1 / 2, 3), {}};
    int[] counts = {max(), 1, 1, max() - long1 / 2, 1};
    List<Append> batch = new ArrayList<>();
    for (int i = 0; i < pasts.length; i++) {
      Session session = opened(pasts[i]);
      int rows = i == 1 && max() > 1 ? 1 : counts[i];
      batch.add(append(session, tokens(counts[i], 10 + i), rows(rows)));
    }
    forward(batch.toArray(Append[]::new));
    for (int i = 0; i < pasts.length; i++) {
      Append together = batch.get(i);
      float[][] alone = rows(together.logits().length);
      try (Session session = opened(pasts[i])) {
        forward(append(session, together.tokens(), alone));
      }
      for (int row = 0; row < alone.length; row++) {
        assertSame(together.logits()[row], alone[row], "append " + i + ", row " + row);
      }
      assertThat(together.session().length()).isEqualTo(pasts[i].length + counts[i]);
      together.session().close();
    }
  }

  @Test
  void an_empty_batch_does_nothing() {
    int[] tokens = tokens(Math.min(4, max() - 1), 4);
    try (Session session = opened(tokens);
        Session empty = model.open()) {
      forward();
      assertHolds(session, tokens);
      assertHolds(empty);
    }
  }

  @Test
  void arrays_may_be_reused_after_the_pass() {
    int[] tokens = tokens(Math.min(4, max() - 1), 4);
    int[] reused = tokens.clone();
    try (Session session = model.open()) {
      float[][] rows = rows(reused.length);
      forward(append(session, reused, rows));
      Arrays.fill(reused, 0);
      for (float[] row : rows) {
        Arrays.fill(row, Float.NaN);
      }
      assertHolds(session, tokens);
    }
  }

  @Test
  void a_fork_has_the_same_past_and_a_future_of_its_own() {
    int[] tokens = tokens(max() - 2, 5);
    try (Session session = opened(tokens)) {
      Session fork = session.fork();
      Session second = fork.fork();
      assertThat(fork.length()).isEqualTo(tokens.length);
      assertThat(fork.model()).isSameAs(model);
      float[] expected = next(session, 0);
      assertSame(next(fork, 0), expected, "the fork");
      assertSame(next(second, 0), expected, "the fork of the fork");
      int other = model.info().vocabularySize() - 1;
      next(fork, other);
      assertSame(next(session, 0), recomputedBySteps(tokens, 0, 0), "after the fork went on");
      fork.close();
      assertSame(next(second, other), recomputedBySteps(tokens, 0, other), "after it was closed");
      second.close();
    }
  }

  @Test
  void a_fork_outlives_the_session_it_came_from() {
    int[] tokens = tokens(max() - 1, 6);
    Session session = opened(tokens);
    Session fork = session.fork();
    session.close();
    assertHolds(fork, tokens);
    fork.close();
    try (Session empty = model.open();
        Session emptyFork = empty.fork()) {
      assertHolds(emptyFork);
      assertThat(empty.length()).isZero();
    }
  }

  @Test
  void truncating_forgets_what_came_after() {
    assumeTrue(can(Capability.TRUNCATE), "the model cannot truncate");
    int[] tokens = tokens(max(), 7);
    for (int kept = 0; kept < tokens.length; kept += 1 + kept / 4) {
      try (Session session = opened(tokens);
          Session fork = session.fork()) {
        session.truncate(kept);
        float[] again = next(session, tokens[kept]);
        assertClose(again, recomputed(first(tokens, kept + 1)), "truncated to " + kept);
        session.truncate(kept);
        assertHolds(session, first(tokens, kept));
        fork.truncate(tokens.length - 1);
        assertHolds(fork, first(tokens, tokens.length - 1));
      }
    }
  }

  @Test
  void truncating_outside_the_sequence_is_refused() {
    assumeTrue(can(Capability.TRUNCATE), "the model cannot truncate");
    int[] tokens = tokens(2, 7);
    try (Session session = opened(tokens)) {
      assertThatIllegalArgumentException().isThrownBy(() -> session.truncate(-1));
      assertThatIllegalArgumentException().isThrownBy(() -> session.truncate(3));
      session.truncate(2);
      assertHolds(session, tokens);
    }
  }

  @Test
  void evicting_drops_tokens_and_makes_room() {
    assumeTrue(can(Capability.EVICT), "the model cannot evict");
    int[] tokens = tokens(max(), 8);
    try (Session session = opened(tokens);
        Session twin = opened(tokens);
        Session fork = session.fork()) {
      int from = max() / 4;
      int to = max() - max() / 4;
      session.evict(from, to);
      twin.evict(from, to);
      int kept = tokens.length - (to - from);
      assertThat(session.length()).isEqualTo(kept);
      assertThat(session.remaining()).isEqualTo(model.info().contextLength() - kept);
      float[] row = next(session, 1);
      assertThat(row).doesNotContain(Float.NaN);
      assertSame(row, next(twin, 1), "the same eviction of the same sequence");
      assertThat(session.length()).isEqualTo(kept + 1);
      forward(append(session, tokens(session.remaining(), 12))); // there is room for these
      assertThat(session.remaining()).isZero();
      fork.evict(tokens.length - 1, tokens.length);
      assertHolds(fork, first(tokens, tokens.length - 1));
    }
    try (Session session = opened(tokens)) {
      session.evict(0, tokens.length);
      assertHolds(session);
    }
  }

  @Test
  void evicting_outside_the_sequence_is_refused() {
    assumeTrue(can(Capability.EVICT), "the model cannot evict");
    int[] tokens = tokens(2, 8);
    try (Session session = opened(tokens)) {
      assertThatIllegalArgumentException().isThrownBy(() -> session.evict(-1, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> session.evict(1, 0));
      assertThatIllegalArgumentException().isThrownBy(() -> session.evict(0, 3));
      session.evict(1, 1);
      assertHolds(session, tokens);
    }
  }

  @Test
  void a_saved_session_goes_on_as_if_nothing_had_happened(@TempDir Path folder) throws IOException {
    assumeTrue(can(Capability.SAVE), "the model cannot save sessions");
    Path file = folder.resolve("session");
    for (int length : new int[] {0, 1, max() / 2, max() - 1}) {
      int[] tokens = tokens(length, 13);
      try (Session session = opened(tokens)) {
        session.save(file, "these tokens");
        try (Session restored = model.restore(file, "these tokens")) {
          assertThat(restored.model()).isSameAs(model);
          assertThat(restored.length()).isEqualTo(length);
          assertSame(next(restored, 1), next(session, 1), "restored at " + length);
        }
        assertThatIOException()
            .isThrownBy(() -> model.restore(file, "other tokens"))
            .withMessageContaining(file.toString());
      }
    }
  }

  @Test
  void a_fork_is_saved_with_its_own_past(@TempDir Path folder) throws IOException {
    assumeTrue(can(Capability.SAVE), "the model cannot save sessions");
    int[] tokens = tokens(max() - 2, 14);
    try (Session session = opened(tokens);
        Session fork = session.fork()) {
      next(fork, 0);
      next(session, 1);
      session.save(folder.resolve("one"), "");
      fork.save(folder.resolve("two"), "");
      try (Session one = model.restore(folder.resolve("one"), "");
          Session two = model.restore(folder.resolve("two"), "")) {
        assertSame(next(one, 2), next(session, 2), "the session");
        assertSame(next(two, 2), next(fork, 2), "the fork");
      }
    }
  }

  @Test
  void torn_files_are_refused(@TempDir Path folder) throws IOException {
    assumeTrue(can(Capability.SAVE), "the model cannot save sessions");
    Path file = folder.resolve("session");
    try (Session session = opened(tokens(max() / 2, 15))) {
      session.save(file, "");
    }
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += 1 + whole.length / 97) {
      byte[] torn = whole.clone();
      torn[at] ^= 1;
      assertTorn(file, torn);
      assertTorn(file, Arrays.copyOf(whole, at));
    }
    assertTorn(file, Arrays.copyOf(whole, whole.length + 1));
    assertTorn(file, new byte[200]);
    Files.delete(file);
    assertThatIOException().isThrownBy(() -> model.restore(file, ""));
  }

  private void assertTorn(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    assertThatIOException()
        .isThrownBy(() -> model.restore(file, ""))
        .withMessageContaining(file.toString());
  }

  @Test
  void what_the_model_cannot_do_it_refuses_and_changes_nothing() {
    int[] tokens = tokens(3, 9);
    try (Session session = opened(tokens)) {
      if (!can(Capability.TRUNCATE)) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> session.truncate(1));
      }
      if (!can(Capability.EVICT)) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> session.evict(0, 1));
      }
      if (!can(Capability.SAVE)) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> session.save(Path.of("session"), ""));
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> model.restore(Path.of("session"), ""));
      }
      assertHolds(session, tokens);
    }
  }

  @Test
  void hidden_states_through_the_cache_are_those_of_the_whole_sequence() {
    assumeTrue(can(Capability.HIDDEN_STATES), "the model gives no hidden states");
    int width = model.info().hiddenSize();
    assertThat(width).isPositive();
    int[] tokens = tokens(Math.min(12, max()), 10);
    float[][] whole = new float[tokens.length][width];
    float[][] none = {};
    try (Session session = model.open();
        Session stepped = model.open()) {
      forward(new Append(session, tokens, none, whole));
      for (int i = 0; i < tokens.length; i++) {
        float[][] row = new float[1][width];
        forward(new Append(stepped, new int[] {tokens[i]}, none, row));
        assertClose(row[0], whole[i], "hidden state " + i);
      }
    }
  }

  @Test
  void sessions_in_several_threads_do_not_disturb_each_other()
      throws InterruptedException, ExecutionException {
    int[] past = tokens(max() / 2, 11);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Session shared = opened(past)) {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int[] own = tokens(max() - past.length, 20 + thread);
        Session session = shared.fork();
        float[][] expected = stepped(opened(past), own);
        results.add(
            threads.submit(
                () -> {
                  float[][] actual = stepped(session, own);
                  for (int i = 0; i < own.length; i++) {
                    assertSame(actual[i], expected[i], "token " + i);
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Logits [T][V], one token after the other; closes the session. */
  private float[][] stepped(Session session, int[] tokens) {
    try (session) {
      float[][] rows = new float[tokens.length][];
      for (int i = 0; i < tokens.length; i++) {
        rows[i] = next(session, tokens[i]);
      }
      return rows;
    }
  }

  private float[] recomputedBySteps(int[] past, int... tokens) {
    float[][] rows = stepped(opened(past), tokens);
    return rows[rows.length - 1];
  }
}
