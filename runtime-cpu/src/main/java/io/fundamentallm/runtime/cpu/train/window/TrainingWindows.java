package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import org.jspecify.annotations.Nullable;

/**
 * The windows of each step, of which a share may be replayed: of the windows 0 to n − 1 of a
 * training, ⌊n·share⌋ are cut from the older tokens, evenly spread. One thread at a time.
 */
public final class TrainingWindows {
  private final Windows windows;
  private final WindowSampling order;
  private final @Nullable Windows replayed;
  private final @Nullable WindowSampling replayOrder;
  private final double share;
  private final long places;

  private TrainingWindows(TrainingPlan plan, TrainingData data) {
    Vocabulary vocabulary = data.tokenizer().vocabulary();
    windows = Windows.training(plan, data.training(), vocabulary).beginning(data.tokenizer());
    order = windows.order(plan);
    places = (long) plan.batchSize() * plan.accumulation();
    share = data.replay().map(TrainingData.Replay::share).orElse(0.0);
    // another order than that of the new tokens
    TrainingPlan other = plan.toBuilder().seed(~plan.seed()).build();
    replayed =
        data.replay()
            .map(replay -> Windows.training(likeText(other, data), replay.tokens(), vocabulary))
            .orElse(null);
    replayOrder = replayed == null ? null : replayed.order(other);
  }

  /** A plan of packed windows cuts texts that are replayed beside them anywhere. */
  private static TrainingPlan likeText(TrainingPlan plan, TrainingData data) {
    boolean examples = data.training().marks().isPresent();
    return examples ? plan.toBuilder().windows("random").build() : plan;
  }

  /**
   * The windows of a plan.
   *
   * @throws IllegalArgumentException if they cannot be cut as the plan says, or if tokens to replay
   *     are examples
   */
  public static TrainingWindows of(TrainingPlan plan, TrainingData data) {
    return new TrainingWindows(plan, data);
  }

  /** Room for the windows of a batch. */
  public Batch batch(int size) {
    return windows.batch(size);
  }

  /** Those that are not replayed. */
  public Windows windows() {
    return windows;
  }

  /**
   * Fills row b of a batch.
   *
   * @param step from 1
   * @param place from 0 to below the windows of a step
   */
  public void fill(int step, int place, int b, Batch into) {
    if (replayed == null || replayOrder == null) {
      windows.fill(order.window(step, place), b, into);
      return;
    }
    long taken = (step - 1) * places + place;
    long before = (long) (taken * share);
    if ((long) ((taken + 1) * share) > before) {
      replayed.fill(window(replayOrder, before), b, into);
    } else {
      windows.fill(window(order, taken - before), b, into);
    }
  }

  private long window(WindowSampling sampling, long taken) {
    return sampling.window((int) (taken / places) + 1, (int) (taken % places));
  }
}
