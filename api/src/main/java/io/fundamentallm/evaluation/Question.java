package io.fundamentallm.evaluation;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A question that is answered in the model's own words.
 *
 * @param prompt what the model continues, such as {@code "Q: …\nA:"}
 * @param answers those that are right, at least one; the first stands in few-shot examples
 */
public record Question(String prompt, List<String> answers) {
  /** Keeps its own copy of the answers. */
  public Question {
    requireNonNull(prompt, "prompt");
    answers = List.copyOf(answers);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("a question needs at least one right answer");
    }
  }

  /** A question with one right answer. */
  public static Question of(String prompt, String answer) {
    return new Question(prompt, List.of(answer));
  }
}
