package io.fundamentallm.training;

import java.util.List;
import java.util.Set;

/**
 * When a training run writes checkpoints, and whether it resumes from one.
 *
 * @param interval optimizer steps between checkpoints; the last step has one too; 0 for none
 * @param kept how many of the last checkpoints are kept; at least 1
 * @param resume whether to resume from the last checkpoint in the model directory, if there is one.
 *     The result is, bit for bit, that of an uninterrupted run. So a checkpoint is refused if plan,
 *     tokenizer or tokens differ in anything that the result depends on and that is not in {@code
 *     changed}
 * @param changed what may differ from the resumed checkpoint, by property name: {@code steps},
 *     {@code learningRate}, {@code validation.interval}, {@code objective.dropout}, {@code
 *     data.training}. The training then continues from the checkpoint's weights and optimizer as if
 *     the new plan had applied to all steps: with more steps the learning rate jumps to its value
 *     in the longer schedule. What the checkpoint's arrays depend on, such as architecture, context
 *     length and optimizer, cannot change
 */
public record Checkpointing(int interval, int kept, boolean resume, Set<String> changed) {
  static final Checkpointing NONE = new Checkpointing(0, 2, false, Set.of());

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException for a value out of range
   */
  public Checkpointing {
    if (interval < 0) {
      throw new IllegalArgumentException("checkpoint interval " + interval + " is negative");
    }
    if (kept < 1) {
      throw new IllegalArgumentException("kept checkpoints: " + kept + " is not at least 1");
    }
    changed = Set.copyOf(changed);
  }

  Checkpointing with(int newInterval, int newKept) {
    return new Checkpointing(newInterval, newKept, resume, changed);
  }

  Checkpointing resumed(String... newChanged) {
    return new Checkpointing(interval, kept, true, Set.copyOf(List.of(newChanged)));
  }
}
