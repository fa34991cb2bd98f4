package io.fundamentallm.evaluation;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A question with its possible answers.
 *
 * @param context what the model reads before the answer, such as {@code "Question: …\nAnswer:"}
 * @param choices the answers, at least two; none empty. A space is put between context and answer
 * @param gold the index of the right one
 */
public record MultipleChoice(String context, List<String> choices, int gold) {
  /** Keeps its own copy of the choices. */
  public MultipleChoice {
    requireNonNull(context, "context");
    choices = List.copyOf(choices);
    if (choices.size() < 2) {
      throw new IllegalArgumentException(
          "a multiple choice needs at least two choices, not " + choices.size());
    }
    if (choices.contains("")) {
      throw new IllegalArgumentException("choice " + choices.indexOf("") + " is empty");
    }
    if (gold < 0 || gold >= choices.size()) {
      throw new IllegalArgumentException(
          "the right choice " + gold + " is not in [0, " + (choices.size() - 1) + "]");
    }
  }
}
