package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.Generation;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, checked.
 *
 * @param prompts what is continued, one after the other
 * @param echo whether each continuation begins with its prompt
 * @param generator continues, as the request says, without a time limit
 * @param choices how many continuations each prompt gets
 * @param alternatives how many alternatives are reported with each token, if log-probabilities are
 *     reported
 * @param stream whether pieces are sent as they are computed
 * @param usage whether a stream ends with the count of tokens
 * @param constraint the field that is at fault if no token can follow; null if the client did not
 *     constrain the text
 * @param promptAlternatives how many alternatives are reported with each token of the prompt, if
 *     its log-probabilities are
 * @param together whether the continuations are written side by side, a token of each at a time;
 *     the generator writes one
 */
public record AnswerPlan(
    List<Prompt> prompts,
    boolean echo,
    TextGenerator generator,
    int choices,
    OptionalInt alternatives,
    boolean stream,
    boolean usage,
    @Nullable String constraint,
    OptionalInt promptAlternatives,
    boolean together,
    Map<String, Object> repeated) {
  /** With fields that the answer's object repeats. */
  AnswerPlan repeating(Map<String, Object> fields) {
    return new AnswerPlan(
        prompts,
        echo,
        generator,
        choices,
        alternatives,
        stream,
        usage,
        constraint,
        promptAlternatives,
        together,
        Map.copyOf(fields));
  }

  /** With another name of the field that is at fault if no token can follow. */
  AnswerPlan constrainedBy(String field) {
    return new AnswerPlan(
        prompts,
        echo,
        generator,
        choices,
        alternatives,
        stream,
        usage,
        field,
        promptAlternatives,
        together,
        repeated);
  }

  /**
   * A text to continue.
   *
   * @param text for the echo
   * @param tokens what the model reads; null if that is the text after a begin token
   * @param generation begins to continue it
   * @param chat begins to answer it, if it is a chat; else null
   */
  public record Prompt(
      String text,
      @Nullable Supplier<int[]> tokens,
      @Nullable Function<TextGenerator, Generation> generation,
      @Nullable Function<TextGenerator, ChatAnswer> chat) {

    /** A prompt whose text goes on. */
    public static Prompt continued(String text, Function<TextGenerator, Generation> generation) {
      return new Prompt(text, null, generation, null);
    }

    /** Tokens that go on. */
    public static Prompt continued(String text, int[] tokens) {
      return new Prompt(text, () -> tokens, generator -> generator.tokens(tokens), null);
    }

    /** A conversation that is answered. */
    public static Prompt answered(
        String text, Supplier<int[]> tokens, Function<TextGenerator, ChatAnswer> chat) {
      return new Prompt(text, tokens, null, chat);
    }
  }
}
