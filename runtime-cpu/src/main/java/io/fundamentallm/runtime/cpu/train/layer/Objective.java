package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a training minimises. Immutable.
 *
 * @param terms what the plan asks for
 * @param begin the token that begins a document
 * @param end the token that ends one
 * @param seed of dropout
 * @param sampling what replaces tokens of the context
 */
public record Objective(
    TrainingObjective terms,
    OptionalInt begin,
    OptionalInt end,
    long seed,
    ScheduledSampling sampling) {

  /** A target that never counts, as in PyTorch and Hugging Face. */
  public static final int IGNORE_INDEX = -100;

  public static final Objective MAXIMUM_LIKELIHOOD =
      new Objective(
          TrainingObjective.MAXIMUM_LIKELIHOOD,
          OptionalInt.empty(),
          OptionalInt.empty(),
          0,
          ScheduledSampling.NONE);

  /**
   * The objective of a plan.
   *
   * @throws IllegalArgumentException if it does not fit the vocabulary, or for a bad spec
   */
  public static Objective of(TrainingPlan plan, Vocabulary vocabulary) {
    TrainingObjective terms = plan.objective();
    if (terms.documentBoundaries() && vocabulary.bos().isEmpty() && vocabulary.eos().isEmpty()) {
      throw new IllegalArgumentException(
          "documentBoundaries: the vocabulary has neither a begin nor an end token to tell"
              + " documents apart");
    }
    ScheduledSampling sampling =
        ScheduledSampling.of(terms.scheduledSampling(), plan.steps(), plan.seed());
    return new Objective(terms, vocabulary.bos(), vocabulary.eos(), plan.seed(), sampling);
  }

  /** How a batch is measured. */
  Pass measuring(Batch batch) {
    return new Pass(batch.size(), batch.steps(), mask(batch), Dropout.NONE, new int[0]);
  }

  /**
   * How a batch is trained on.
   *
   * @param step from 1
   * @param firstRow the first of its rows, in the whole step
   */
  Pass training(Batch batch, int step, int firstRow) {
    Dropout dropout = Dropout.of(terms.dropout(), seed, step, firstRow);
    return new Pass(batch.size(), batch.steps(), mask(batch), dropout, ends(batch));
  }

  /** The rows of each window up to its last target that counts. */
  private int[] ends(Batch batch) {
    int[] ends = new int[batch.size()];
    for (int row = 0; row < batch.rows(); row++) {
      if (counts(batch.targets()[row])) {
        ends[row / batch.steps()] = row % batch.steps() + 1;
      }
    }
    return ends;
  }

  private @Nullable AttentionMask mask(Batch batch) {
    int[] inputs = batch.inputs();
    int steps = batch.steps();
    int pad = terms.ignoreIndex();
    if (batch.begins().length > 0) {
      return AttentionMask.examples(batch, pad);
    }
    if (terms.documentBoundaries()) {
      return AttentionMask.of(inputs, steps, begin, end, pad);
    }
    boolean padded = Arrays.stream(inputs).anyMatch(token -> token == pad);
    return padded ? AttentionMask.padded(inputs, steps, pad) : null;
  }

  /** Whether a target has a loss. */
  public boolean counts(int target) {
    return target != IGNORE_INDEX && target != terms.ignoreIndex();
  }

  /** How many targets have a loss. */
  public int count(int[] targets) {
    int count = 0;
    for (int target : targets) {
      count += counts(target) ? 1 : 0;
    }
    return count;
  }
}
