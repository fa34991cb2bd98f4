package io.fundamentallm.webservice;

import io.fundamentallm.Generation;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.Tokenizer;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, checked.
 *
 * @param prompts what is continued, one after the other
 * @param choices how many continuations each gets
 * @param echo whether each continuation begins with its prompt
 * @param alternatives how many alternatives are told with each token, where log-probabilities are
 *     told
 * @param stream whether pieces are sent as they are computed
 * @param usage whether a stream ends with the count of tokens
 * @param constraint the field whose constraint is at fault where nothing can follow, if there is
 *     one
 * @param tokenizer of the model
 * @param model that prompts are scored with
 */
record AnswerPlan(
    List<Prompt> prompts,
    int choices,
    boolean echo,
    OptionalInt alternatives,
    boolean stream,
    boolean usage,
    @Nullable String constraint,
    Tokenizer tokenizer,
    LanguageModel model) {
  /**
   * A text to continue.
   *
   * @param text for the echo
   * @param generation begins to continue it
   */
  record Prompt(String text, Supplier<Generation> generation) {}
}
