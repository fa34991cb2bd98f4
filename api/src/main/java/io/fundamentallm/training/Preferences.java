package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.corpus.JsonRecords;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of answers, of which people prefer one, for {@link TrainingObjective#loss()} {@code dpo}:
 * direct preference optimization (Rafailov et al. 2023). A training window holds both answers of a
 * pair, each with the prompt before it.
 */
public final class Preferences {
  /**
   * A question and two answers.
   *
   * @param prompt what is answered, with its tools
   * @param chosen the preferred answer, of the role {@code assistant}
   * @param rejected the other one
   */
  public record Pair(ChatPrompt prompt, ChatMessage chosen, ChatMessage rejected) {
    /** Checks that both are answers. */
    public Pair {
      requireNonNull(prompt, "prompt");
      requireAnswer("chosen", chosen);
      requireAnswer("rejected", rejected);
    }

    private static void requireAnswer(String name, ChatMessage message) {
      if (!message.role().equals("assistant")) {
        throw new IllegalArgumentException(
            name + " is of the role " + message.role() + "; expected an answer of the assistant");
      }
    }
  }

  private Preferences() {}

  /**
   * The pairs of files of JSON Lines, in the layouts that TRL reads: {@code prompt}, {@code chosen}
   * and {@code rejected} as texts, or as lists of messages of which the answers have one each; or
   * {@code chosen} and {@code rejected} as whole conversations that differ in the last message.
   * Messages are laid out by the chat template. Texts are taken as they are, between the
   * vocabulary's begin and end tokens if it has them.
   *
   * @throws IOException when a file cannot be read or has no line, or a line is no pair or one that
   *     the template refuses; names file and line
   * @throws IllegalArgumentException if there are no files
   */
  public static TokenSequence read(Tokenizer tokenizer, Path... files) throws IOException {
    return ExampleFiles.read(tokenizer, (object, into) -> add(tokenizer, object, into), files);
  }

  /**
   * Pairs in memory.
   *
   * @throws IllegalArgumentException for a pair that the template refuses; says which
   * @throws IllegalStateException if the tokenizer has no chat template
   */
  public static TokenSequence of(Tokenizer tokenizer, Iterable<Pair> pairs) {
    ExampleTokens tokens = new ExampleTokens(tokenizer);
    int index = 0;
    for (Pair pair : pairs) {
      try {
        add(Conversations.template(tokenizer), pair, tokens);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("pair " + index + ": " + e.getMessage(), e);
      }
      index++;
    }
    return tokens.build();
  }

  private static void add(
      Tokenizer tokenizer, Map<String, @Nullable Object> object, ExampleTokens into) {
    Object chosen = object.get("chosen");
    Object rejected = object.get("rejected");
    if (chosen instanceof String || rejected instanceof String) {
      String given = chosen instanceof String ? "chosen" : "rejected";
      String prompt = text(object, "prompt", given);
      into.add(prompt, text(object, "chosen", given), true);
      into.add(prompt, text(object, "rejected", given), false);
      return;
    }
    if (chosen == null || rejected == null) {
      throw new IllegalArgumentException(
          "there is no \"%s\"; the fields are %s"
              .formatted(
                  chosen == null ? "chosen" : "rejected",
                  Json.shown(String.join(", ", object.keySet()))));
    }
    List<ChatMessage> better = MessageJson.messages("chosen", chosen);
    List<ChatMessage> worse = MessageJson.messages("rejected", rejected);
    List<ChatMessage> prompt;
    if (object.get("prompt") == null) {
      prompt = better.subList(0, better.size() - 1);
      if (!prompt.equals(worse.subList(0, worse.size() - 1))) {
        throw new IllegalArgumentException(
            "without a \"prompt\", \"chosen\" and \"rejected\" must be conversations that differ in"
                + " the last message alone");
      }
    } else {
      prompt = MessageJson.messages("prompt", object.get("prompt"));
      requireOne("chosen", better);
      requireOne("rejected", worse);
    }
    ChatMessage last = better.get(better.size() - 1);
    ChatMessage other = worse.get(worse.size() - 1);
    ChatTemplate template = Conversations.template(tokenizer);
    add(template, new Pair(MessageJson.prompt(object, prompt), last, other), into);
  }

  private static String text(Map<String, @Nullable Object> object, String name, String given) {
    if (object.get(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(
        "\"%s\" is %s; expected a text, as \"%s\" is one"
            .formatted(name, JsonRecords.kind(object.get(name)), given));
  }

  private static void requireOne(String name, List<ChatMessage> answers) {
    if (answers.size() != 1) {
      throw new IllegalArgumentException(
          "\"" + name + "\" has " + answers.size() + " messages; expected one, the answer");
    }
  }

  private static void add(ChatTemplate template, Pair pair, ExampleTokens into) {
    into.add(answer(template, pair.prompt, pair.chosen), true);
    into.add(answer(template, pair.prompt, pair.rejected), false);
  }

  /** The prompt with an answer, of which alone the answer is marked. */
  private static List<ChatSegment> answer(
      ChatTemplate template, ChatPrompt prompt, ChatMessage answer) {
    List<ChatMessage> messages = new ArrayList<>(prompt.messages());
    messages.add(answer);
    List<List<ChatSegment>> examples =
        template.examples(prompt.toBuilder().messages(messages).build());
    List<ChatSegment> last = new ArrayList<>(examples.get(examples.size() - 1));
    int i = last.size() - 1;
    while (i >= 0 && !last.get(i).generated()) {
      i--;
    }
    while (i >= 0 && last.get(i).generated()) {
      i--;
    }
    for (; i >= 0; i--) {
      last.set(i, new ChatSegment(last.get(i).text(), last.get(i).fromMessage()));
    }
    return last;
  }
}
