package io.fundamentallm.runtime.cpu.train.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.runtime.cpu.train.MarkedTokens;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Examples in windows, and windows of older text between them. */
class PackedWindowsTest {
  private static final int IGNORED = -100;
  private static final Vocabulary VOCABULARY = new DigitTokenizer().vocabulary();

  private static TrainingPlan plan(String windows, int length) {
    return TrainingPlan.builder(Path.of("unused"))
        .contextLength(length)
        .batchSize(2)
        .accumulation(2)
        .windows(windows)
        .build();
  }

  private static Windows windows(String recipe, int length, TokenSequence tokens) {
    return Windows.training(plan(recipe, length), tokens, VOCABULARY);
  }

  private static Batch all(Windows windows) {
    Batch batch = windows.batch((int) windows.count());
    for (int b = 0; b < windows.count(); b++) {
      windows.fill(b, b, batch);
    }
    return batch;
  }

  private static MarkedTokens three() {
    return new MarkedTokens()
        .add(new int[] {1, 2, 3}, 2, true)
        .add(new int[] {4, 5, 6, 7, 8, 9}, 3, true)
        .add(new int[] {3, 2}, 1, true);
  }

  @Test
  void examples_share_a_window_and_only_learned_tokens_are_targets() {
    Batch batch = all(windows("random", 8, three()));
    assertThat(batch.inputs()).containsExactly(4, 5, 6, 7, 8, 1, 2, 3);
    assertThat(batch.targets()).containsExactly(IGNORED, IGNORED, 7, 8, 9, IGNORED, 3, 2);
    assertThat(batch.begins()).containsExactly(0, 0, 0, 0, 0, 5, 5, 7);
  }

  @Test
  void padding_is_an_example_of_one_token_each() {
    Batch batch = all(windows("documents", 6, three()));
    assertThat(batch.size()).isEqualTo(3);
    assertThat(Arrays.copyOf(batch.targets(), 6))
        .containsExactly(IGNORED, IGNORED, 7, 8, 9, IGNORED);
    assertThat(batch.begins())
        .containsExactly(0, 0, 0, 0, 0, 5, 0, 0, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
  }

  @Test
  void pairs_stay_together_and_are_numbered() {
    MarkedTokens pairs =
        new MarkedTokens()
            .add(new int[] {1, 2, 3}, 2, true)
            .add(new int[] {1, 4}, 1, false)
            .add(new int[] {5, 6}, 1, true)
            .add(new int[] {5, 7, 7}, 1, false);
    Batch batch = all(windows("packed", 4, pairs));
    assertThat(batch.examples()).containsExactly(0, 0, 1, -1, 2, 3, 3, -1);
    assertThat(batch.inputs()).containsExactly(1, 2, 1, 0, 5, 5, 7, 0);
    assertThat(batch.begins()).containsExactly(0, 0, 2, 3, 0, 1, 1, 3);
    assertThat(batch.reference()).hasSize(4);
  }

  @Test
  void what_is_too_long_is_refused_cut_or_left_out() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("packed", 4, three()))
        .withMessageContaining("example 2 has 5 tokens before its last")
        .withMessageContaining("in the training tokens")
        .withMessageContaining("contextLength 4; 1 of 3 are too long, the longest with 5");
    Batch cut = all(windows("packed(long=cut)", 4, three()));
    assertThat(cut.inputs()).containsExactly(4, 5, 6, 7, 1, 2, 3, 0);
    assertThat(cut.targets()).containsExactly(IGNORED, IGNORED, 7, 8, IGNORED, 3, 2, IGNORED);
    assertThat(all(windows("packed(long=skip)", 4, three())).inputs()).containsExactly(1, 2, 3, 0);
    MarkedTokens pair =
        new MarkedTokens().add(new int[] {1, 2, 3}, 2, true).add(new int[] {1, 4, 3, 4}, 1, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("packed(long=cut)", 4, pair))
        .withMessageContaining("pair 1 has 5 tokens before the last of each answer");
  }

  @Test
  void an_example_whose_answer_is_cut_off_is_left_out() {
    MarkedTokens tokens =
        new MarkedTokens()
            .add(new int[] {1, 2, 3, 4, 5, 6, 7}, 5, true)
            .add(new int[] {8, 7, 6, 5, 4, 3, 2}, 4, true);
    Batch cut = all(windows("packed(long=cut)", 4, tokens));
    assertThat(cut.inputs()).containsExactly(8, 7, 6, 5);
    assertThat(cut.targets()).containsExactly(IGNORED, IGNORED, IGNORED, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("packed(long=cut)", 3, tokens))
        .withMessageContaining("no example of 2 is left")
        .withMessageContaining("none of what is to be learned; raise contextLength");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("packed(long=skip)", 3, tokens))
        .withMessageContaining("no example of 2 is left");
  }

  @Test
  void windows_of_examples_and_of_texts_are_not_confused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("chunks", 4, three()))
        .withMessageContaining("expected the windows packed or documents");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("packed", 4, TokenSequence.of(1, 2, 3)))
        .withMessageContaining("packed windows are for examples");
  }

  /** Best-fit decreasing takes at most 11/9 of the least number of windows, and one more. */
  @Test
  void every_example_is_in_one_window_and_little_is_padding() {
    Random random = new Random(3);
    MarkedTokens tokens = new MarkedTokens();
    long rows = 0;
    for (int i = 0; i < 3000; i++) {
      int[] example = new int[2 + random.nextInt(60)];
      example[1] = i;
      tokens.add(example, 1, true);
      rows += example.length - 1;
    }
    Windows windows = windows("packed", 64, tokens);
    Set<Integer> seen = new TreeSet<>();
    Batch batch = windows.batch(1);
    for (long w = 0; w < windows.count(); w++) {
      windows.fill(w, 0, batch);
      for (int row = 0; row < 64; row++) {
        if (batch.begins()[row] == row && batch.targets()[row] != IGNORED) {
          assertThat(seen.add(batch.targets()[row])).isTrue();
        }
      }
    }
    assertThat(seen).hasSize(3000);
    assertThat(windows.count()).isLessThanOrEqualTo(rows / 64 * 11 / 9 + 1);
  }

  @Test
  void a_share_of_the_windows_is_replayed_evenly() {
    int[] fresh = IntStream.range(0, 500).toArray();
    int[] old = IntStream.range(1000, 1500).toArray();
    TrainingData data =
        new TrainingData(new DigitTokenizer(), TokenSequence.of(fresh), TokenSequence.of())
            .withReplay(TokenSequence.of(old), 0.25);
    TrainingWindows windows = TrainingWindows.of(plan("chunks", 5), data);
    Batch batch = windows.batch(1);
    Set<Integer> taken = new TreeSet<>();
    int replayed = 0;
    for (int step = 1; step <= 25; step++) {
      int before = replayed;
      for (int place = 0; place < 4; place++) {
        windows.fill(step, place, 0, batch);
        replayed += batch.inputs()[0] >= 1000 ? 1 : 0;
        assertThat(taken.add(batch.inputs()[0])).isTrue(); // within an epoch of both
      }
      assertThat(replayed - before).isEqualTo(1);
    }
  }

  @Test
  void older_text_stands_beside_examples() {
    TrainingData data =
        new TrainingData(new DigitTokenizer(), three(), TokenSequence.of())
            .withReplay(TokenSequence.of(IntStream.range(0, 90).map(i -> 7).toArray()), 0.5);
    TrainingWindows windows = TrainingWindows.of(plan("packed", 8), data);
    Batch batch = windows.batch(2);
    windows.fill(1, 0, 0, batch);
    windows.fill(1, 1, 1, batch);
    assertThat(Arrays.copyOfRange(batch.inputs(), 8, 16)).containsOnly(7);
    assertThat(Arrays.copyOfRange(batch.begins(), 8, 16)).containsOnly(0);
    assertThat(batch.begins()[5]).isEqualTo(5);
  }
}
