package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.Generation;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
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
 */
public record AnswerPlan(
    List<Prompt> prompts,
    boolean echo,
    TextGenerator generator,
    int choices,
    OptionalInt alternatives,
    boolean stream,
    boolean usage,
    @Nullable String constraint) {
  /**
   * A text to continue.
   *
   * @param text for the echo
   * @param generation begins to continue it
   * @param chat begins to answer it, if it is a chat; else null
   */
  public record Prompt(
      String text,
      @Nullable Function<TextGenerator, Generation> generation,
      @Nullable Function<TextGenerator, ChatAnswer> chat) {

    /** A prompt whose text goes on. */
    public static Prompt continued(String text, Function<TextGenerator, Generation> generation) {
      return new Prompt(text, generation, null);
    }

    /** A conversation that is answered. */
    public static Prompt answered(String text, Function<TextGenerator, ChatAnswer> chat) {
      return new Prompt(text, null, chat);
    }
  }
}
