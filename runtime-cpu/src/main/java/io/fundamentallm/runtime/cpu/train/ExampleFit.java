package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.layer.Criterion;
import io.fundamentallm.training.TokenMarks;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;

/** Checks that data have what a loss function needs. */
final class ExampleFit {
  private ExampleFit() {}

  /**
   * Checks.
   *
   * @throws IllegalArgumentException when they do not fit together; says how
   */
  static void require(TrainingData data, TrainingPlan plan, Criterion criterion) {
    boolean pairs = pairs(data.training());
    if (criterion.comparesPairs()) {
      requireThat(pairs, "the loss dpo compares pairs of answers; expected those of Preferences");
      requireThat(
          data.validation().size() == 0 || pairs(data.validation()),
          "the loss dpo needs pairs of answers to validate with, too");
      requireThat(
          plan.fineTuning().isPresent(),
          "the loss dpo compares with the model that training starts from; expected fineTuning");
      requireThat(
          plan.objective().dropout() == 0 && plan.objective().scheduledSampling().equals("none"),
          "the loss dpo compares two models, neither with dropout nor with scheduled sampling");
      requireThat(
          plan.objective().labelSmoothing() == 0 && plan.objective().zLoss() == 0,
          "labelSmoothing and zLoss belong to cross-entropy, and have no effect with dpo");
    } else {
      requireThat(
          !pairs && !pairs(data.validation()),
          "the data are pairs of answers, of which only the loss dpo learns");
    }
    requireThat(
        !criterion.needsTeacher() || data.training().teacher().isPresent(),
        "the loss distillation needs a teacher's expectations; expected data of a TeacherFile");
    requireThat(
        data.replay().isEmpty() || (!criterion.needsTeacher() && !criterion.comparesPairs()),
        "older tokens can be replayed with the loss cross-entropy only");
    requireThat(
        data.replay().isEmpty() || data.replay().get().tokens().marks().isEmpty(),
        "the tokens to replay are examples; expected one text or documents");
    requireThat(
        data.replay().isEmpty() || data.replay().get().tokens().size() >= 2,
        "there are fewer than 2 tokens to replay");
  }

  /** Whether the first unit has a second example. */
  private static boolean pairs(TokenSequence tokens) {
    if (tokens.marks().isEmpty()) {
      return false;
    }
    TokenMarks marks = tokens.marks().get();
    byte[] mark = new byte[1];
    for (long at = 1; at < tokens.size(); at++) {
      marks.read(at, mark, 0, 1);
      if ((mark[0] & TokenMarks.BEGIN) != 0) {
        return (mark[0] & TokenMarks.UNIT) == 0;
      }
    }
    return false;
  }

  private static void requireThat(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
