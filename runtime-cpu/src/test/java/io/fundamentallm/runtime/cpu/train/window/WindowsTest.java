package io.fundamentallm.runtime.cpu.train.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static final int IGNORED = Objective.IGNORE_INDEX;
  private static final Vocabulary BEGIN_AND_END = new DigitTokenizer();

  private static TrainingPlan plan(String windows, int length) {
    return TrainingPlan.builder(Path.of("model"))
        .contextLength(length)
        .batchSize(3)
        .accumulation(2)
        .windows(windows)
        .build();
  }

  private static Windows windows(String spec, int length, int... tokens) {
    return Windows.training(plan(spec, length), TokenSequence.of(tokens), BEGIN_AND_END);
  }

  private static TokenSequence numbers(int size) {
    return TokenSequence.of(IntStream.range(0, size).toArray());
  }

  /** The inputs of a window, then its targets. */
  private static int[][] cut(Windows windows, long window, int length) {
    int[] inputs = new int[3 * length];
    int[] targets = new int[3 * length];
    windows.fill(window, 1, Batch.of(inputs, targets, length));
    return new int[][] {
      Arrays.copyOfRange(inputs, length, 2 * length),
      Arrays.copyOfRange(targets, length, 2 * length)
    };
  }

  /** The targets of all windows that count, in the order of the windows. */
  private static List<Integer> targets(Windows windows, int length) {
    List<Integer> all = new ArrayList<>();
    for (long i = 0; i < windows.count(); i++) {
      int[] targets = cut(windows, i, length)[1];
      Arrays.stream(targets).filter(target -> target != IGNORED).forEach(all::add);
    }
    return all;
  }

  @Test
  void random_windows_begin_anywhere_as_drawn_from_seed_step_and_place() {
    int[] tokens = IntStream.range(0, 1000).toArray();
    TrainingPlan plan = plan("random", 8);
    Windows windows = windows("random", 8, tokens);
    WindowSampling order = WindowSampling.of(plan, windows.count());
    long purpose = Randomness.purpose("training-window");
    for (int step = 1; step < 50; step++) {
      for (int place = 0; place < 6; place++) {
        double u = new Randomness(plan.seed(), place).uniform(step, purpose);
        int from = (int) (u * (1000 - 8));
        int[][] cut = cut(windows, order.window(step, place), 8);
        assertThat(cut[0]).isEqualTo(IntStream.range(from, from + 8).toArray());
        assertThat(cut[1]).isEqualTo(IntStream.range(from + 1, from + 9).toArray());
      }
    }
  }

  @Property(tries = 100)
  void in_an_epoch_of_chunks_each_token_but_the_first_is_a_target_once(
      @ForAll @IntRange(min = 2, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 20) int length) {
    TrainingPlan plan = plan("chunks", length);
    Windows windows = Windows.training(plan, numbers(size), BEGIN_AND_END);
    WindowSampling order = WindowSampling.of(plan, windows.count());
    for (long epoch = 0; epoch < 2; epoch++) {
      List<Integer> targets = new ArrayList<>();
      for (long taken = epoch * windows.count(); taken < (epoch + 1) * windows.count(); taken++) {
        long window = order.window((int) (taken / 6) + 1, (int) (taken % 6));
        Arrays.stream(cut(windows, window, length)[1]).forEach(targets::add);
      }
      targets.removeIf(target -> target == IGNORED);
      assertThat(targets)
          .containsExactlyInAnyOrderElementsOf(IntStream.range(1, size).boxed().toList());
    }
  }

  @Property(tries = 100)
  void an_epoch_of_shifted_windows_has_every_token_once_but_for_some_at_both_ends(
      @ForAll @IntRange(min = 2, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 20) int length) {
    Assume.that(size > length);
    TrainingPlan plan = plan("shifted", length);
    Windows windows = Windows.training(plan, numbers(size), BEGIN_AND_END);
    WindowSampling order = WindowSampling.of(plan, windows.count());
    int inEpoch = (int) Windows.epoch(plan, numbers(size), BEGIN_AND_END);
    int spare = size - 1 - inEpoch * length;
    Set<Integer> seen = new TreeSet<>();
    Set<Integer> beginnings = new TreeSet<>();
    for (long epoch = 0; epoch < 400; epoch++) {
      List<Integer> targets = new ArrayList<>();
      for (long taken = epoch * inEpoch; taken < (epoch + 1) * inEpoch; taken++) {
        long window = order.window((int) (taken / 6) + 1, (int) (taken % 6));
        assertThat(window).isBetween(0L, windows.count() - 1);
        Arrays.stream(cut(windows, window, length)[1]).forEach(targets::add);
      }
      Collections.sort(targets);
      int first = targets.get(0);
      beginnings.add(first);
      assertThat(first).isBetween(1, 1 + spare);
      seen.addAll(targets);
      assertThat(targets)
          .isEqualTo(IntStream.range(first, first + inEpoch * length).boxed().toList());
    }
    assertThat(spare).isLessThan(2 * length);
    assertThat(beginnings.size() > 1).isEqualTo(spare > 0);
    assertThat(seen).hasSize(size - 1); // no token is never learned
  }

  @Test
  void each_epoch_of_chunks_has_an_order_of_its_own_which_any_step_can_go_on_with() {
    TrainingPlan plan = plan("chunks", 4);
    WindowSampling order = WindowSampling.of(plan, 30);
    long[] first = order(order, 1, 30);
    long[] second = order(order, 6, 30);
    assertThat(first).isNotEqualTo(second);
    assertThat(second).containsExactlyInAnyOrder(first);
    assertThat(order(WindowSampling.of(plan, 30), 6, 30)).isEqualTo(second);
  }

  private static long[] order(WindowSampling order, int fromStep, int count) {
    return IntStream.range(0, count)
        .mapToLong(i -> order.window(fromStep + i / 6, i % 6))
        .toArray();
  }

  @Property(tries = 100)
  void sliding_windows_begin_at_every_stride_and_cover_everything(
      @ForAll @IntRange(min = 2, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 20) int length,
      @ForAll @IntRange(min = 1, max = 20) int stride) {
    int step = Math.min(stride, length);
    Windows windows =
        Windows.training(
            plan("sliding(stride=" + step + ")", length), numbers(size), BEGIN_AND_END);
    for (long i = 0; i < windows.count(); i++) {
      assertThat(cut(windows, i, length)[0][0]).isEqualTo((int) i * step);
    }
    assertThat(targets(windows, length))
        .containsAll(IntStream.range(1, size).boxed().toList())
        .doesNotContain(0);
    // without the last one something would be missing
    assertThat(windows.count() == 1 || (windows.count() - 2) * step + length < size - 1).isTrue();
  }

  @Test
  void overlapping_windows_look_at_a_token_more_than_once() {
    Windows windows = windows("sliding(stride=2)", 4, 0, 1, 2, 3, 4, 5, 6);
    assertThat(targets(windows, 4)).containsExactly(1, 2, 3, 4, 3, 4, 5, 6);
  }

  @Test
  void documents_are_cut_by_themselves_and_padded() {
    Windows windows = windows("documents", 3, 8, 1, 2, 3, 4, 9, 8, 5, 9, 8, 9, 8, 6);
    assertThat(windows.count()).isEqualTo(5);
    assertThat(cut(windows, 0, 3)).isDeepEqualTo(new int[][] {{8, 1, 2}, {1, 2, 3}});
    assertThat(cut(windows, 1, 3)).isDeepEqualTo(new int[][] {{3, 4, 9}, {4, 9, IGNORED}});
    assertThat(cut(windows, 2, 3)).isDeepEqualTo(new int[][] {{8, 5, 9}, {5, 9, IGNORED}});
    assertThat(cut(windows, 3, 3)).isDeepEqualTo(new int[][] {{8, 9, 8}, {9, IGNORED, IGNORED}});
    assertThat(cut(windows, 4, 3)).isDeepEqualTo(new int[][] {{8, 6, 8}, {6, IGNORED, IGNORED}});
  }

  @Test
  void one_token_that_begins_and_ends_belongs_to_both_documents() {
    Windows windows =
        Windows.training(
            plan("documents", 3),
            TokenSequence.of(9, 1, 2, 3, 4, 9, 5, 9, 9, 6, 9),
            vocabulary(9, 9));
    assertThat(targets(windows, 3)).containsExactly(1, 2, 3, 4, 9, 5, 9, 9, 6, 9);
    assertThat(cut(windows, 2, 3)).isDeepEqualTo(new int[][] {{9, 5, 9}, {5, 9, IGNORED}});
    assertThat(cut(windows, 3, 3)).isDeepEqualTo(new int[][] {{9, 9, 9}, {9, IGNORED, IGNORED}});
  }

  @Test
  void a_begin_token_alone_or_an_end_token_alone_tells_documents_too() {
    int[] tokens = {7, 1, 2, 7, 3, 4, 7};
    assertThat(documents(tokens, vocabulary(7, -1))).containsExactly(1, 2, 3, 4);
    assertThat(documents(tokens, vocabulary(-1, 7))).containsExactly(2, 7, 4, 7);
    assertThat(documents(tokens, vocabulary(-1, -1))).containsExactly(1, 2, 7, 3, 4, 7);
  }

  private static List<Integer> documents(int[] tokens, Vocabulary vocabulary) {
    return targets(Windows.training(plan("documents", 3), TokenSequence.of(tokens), vocabulary), 3);
  }

  @Property(tries = 100)
  void in_windows_of_documents_each_token_but_a_first_is_a_target_once(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 40) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 9) int length) {
    List<Integer> tokens = new ArrayList<>(List.of(8, 0, 9));
    List<Integer> expected = new ArrayList<>(List.of(0, 9));
    for (int size : sizes) {
      tokens.add(8);
      for (int i = 0; i < size; i++) {
        tokens.add(i % 7);
        expected.add(i % 7);
      }
      tokens.add(9);
      expected.add(9);
    }
    int[] all = tokens.stream().mapToInt(i -> i).toArray();
    Windows windows = windows("documents", length, all);
    assertThat(targets(windows, length)).isEqualTo(expected);
    // and in any order
    Windows again = windows("documents", length, all);
    for (long i = windows.count() - 1; i >= 0; i--) {
      assertThat(cut(again, i, length)).isDeepEqualTo(cut(windows, i, length));
    }
  }

  @Test
  void many_more_documents_than_are_read_at_once_are_found_again() {
    int[] tokens = new int[300_000];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = i % 5 == 0 ? 8 : i % 5 == 4 ? 9 : i / 5 % 8;
    }
    Windows windows = windows("documents", 16, tokens);
    assertThat(windows.count()).isEqualTo(60_000);
    for (long i = 59_999; i > 0; i -= 777) {
      int digit = (int) i % 8;
      assertThat(Arrays.copyOf(cut(windows, i, 16)[0], 4)).containsExactly(8, digit, digit, digit);
      assertThat(cut(windows, i, 16)[1]).startsWith(digit, digit, digit, 9, IGNORED);
    }
  }

  @Test
  void validation_goes_through_everything_in_order() {
    int[] tokens = {8, 1, 2, 3, 9, 8, 4, 9};
    for (String spec : List.of("random", "chunks", "sliding(stride=1)")) {
      Windows windows = Windows.validation(plan(spec, 3), TokenSequence.of(tokens), BEGIN_AND_END);
      assertThat(targets(windows, 3)).containsExactly(1, 2, 3, 9, 8, 4, 9);
    }
    Windows documents =
        Windows.validation(plan("documents", 3), TokenSequence.of(tokens), BEGIN_AND_END);
    assertThat(targets(documents, 3)).containsExactly(1, 2, 3, 9, 4, 9);
    for (String spec : List.of("chunks", "documents")) {
      assertThat(Windows.validation(plan(spec, 3), TokenSequence.of(8), BEGIN_AND_END).count())
          .isZero();
    }
  }

  @Test
  void what_is_not_known_is_refused_with_what_there_is() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("shuffled", 4, 1, 2))
        .withMessage(
            "no windows \"shuffled\"; there are chunks, documents, packed, random, shifted, sliding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("chunks(stride=2)", 4, 1, 2))
        .withMessage("windows \"chunks\" has no option \"stride\"; it takes no options");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("sliding", 4, 1, 2))
        .withMessageContaining("needs option \"stride\": a whole number in [1, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("sliding(stride=5)", 4, 1, 2))
        .withMessageContaining("\"5\" is not a whole number in [1, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> windows("documents", 4, 8, 8, 8))
        .withMessage("there is no document to train on; expected one of at least 2 tokens");
  }

  /** Begin and end tokens, -1 for none. */
  private static Vocabulary vocabulary(int begin, int end) {
    return new DigitTokenizer() {
      @Override
      public OptionalInt bos() {
        return begin < 0 ? OptionalInt.empty() : OptionalInt.of(begin);
      }

      @Override
      public OptionalInt eos() {
        return end < 0 ? OptionalInt.empty() : OptionalInt.of(end);
      }
    };
  }
}
