package io.fundamentallm.training;

import java.util.List;
import java.util.Set;

/**
 * When a training writes checkpoints, and whether it goes on from one.
 *
 * @param interval optimizer steps between checkpoints, besides which the last step has one; 0 for
 *     none
 * @param kept how many checkpoints are kept, the last ones; at least 1
 * @param resume whether to go on from the last checkpoint in the model directory, if there is one.
 *     The result is, bit for bit, that of a training that was never stopped. So a checkpoint is
 *     refused if plan, tokenizer or tokens differ in anything that the result depends on and that
 *     is not {@code changed}
 * @param changed what may differ from the checkpoint that is resumed, by the name of the property:
 *     {@code steps}, {@code learningRate}, {@code validation.interval}, {@code objective.dropout},
 *     {@code data.training}. The training then goes on from the checkpoint's weights and optimizer
 *     as if the new plan had been that of all steps: with more steps the learning rate jumps to
 *     where the longer schedule has it. What the checkpoint's arrays depend on cannot change, such
 *     as architecture, context length and optimizer
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
