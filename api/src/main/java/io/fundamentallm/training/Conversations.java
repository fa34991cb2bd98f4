package io.fundamentallm.training;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Conversations to learn answers from: supervised fine-tuning. A conversation is laid out by the
 * tokenizer's chat template; the tokens that the assistant writes are learned, and all others are
 * only context, as {@link ChatTemplate#examples} says. A conversation is encoded as one text, but
 * no token lies across the beginning of an answer, as none does when a model answers. The tokens
 * stand in memory, five bytes for each; the texts do not.
 */
public final class Conversations {
  private Conversations() {}

  /**
   * The conversations of files of JSON Lines in UTF-8, one to a line, read as a stream. The layouts
   * are OpenAI's, {@code {"messages": [{"role": "user", "content": "…"}, …]}}, with {@code tools},
   * {@code tool_calls}, results of the role {@code tool} and {@code reasoning_content}; and
   * ShareGPT's, {@code {"conversations": [{"from": "human", "value": "…"}, …]}}.
   *
   * @param tokenizer of the model that is to answer
   * @throws IOException when a file cannot be read or has no line, or a line is no conversation or
   *     one that the template refuses; names file and line
   * @throws IllegalArgumentException if there are no files
   * @throws IllegalStateException if the tokenizer has no chat template
   */
  public static TokenSequence read(Tokenizer tokenizer, Path... files) throws IOException {
    ChatTemplate template = template(tokenizer);
    return ExampleFiles.read(
        tokenizer, (object, into) -> add(template, MessageJson.conversation(object), into), files);
  }

  /**
   * Conversations in memory.
   *
   * @throws IllegalArgumentException for one that the template refuses or that has no answer; says
   *     which
   * @throws IllegalStateException if the tokenizer has no chat template
   */
  public static TokenSequence of(Tokenizer tokenizer, Iterable<ChatPrompt> conversations) {
    ChatTemplate template = template(tokenizer);
    ExampleTokens tokens = new ExampleTokens(tokenizer);
    int index = 0;
    for (ChatPrompt conversation : conversations) {
      try {
        add(template, conversation, tokens);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("conversation " + index + ": " + e.getMessage(), e);
      }
      index++;
    }
    return tokens.build();
  }

  static ChatTemplate template(Tokenizer tokenizer) {
    return tokenizer
        .chatTemplate()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the tokenizer has no chat template to lay conversations out with; put one into"
                        + " the model's directory, as chat_template.jinja. A GGUF file has its own:"
                        + " convert it again from a directory with one, or load the tokenizer from"
                        + " such a directory. A tokenizer of a plugin reads no such file by itself:"
                        + " its chatTemplate() has to give one, as ChatTemplates of"
                        + " fundamentallm-tokenizers reads it"));
  }

  private static void add(ChatTemplate template, ChatPrompt conversation, ExampleTokens into) {
    for (List<ChatSegment> example : template.examples(answered(conversation))) {
      into.add(example, true);
    }
  }

  /** Without what comes after the last answer, of which nothing is learned. */
  private static ChatPrompt answered(ChatPrompt conversation) {
    List<ChatMessage> messages = conversation.messages();
    int end = messages.size();
    while (end > 0 && !messages.get(end - 1).role().equals("assistant")) {
      end--;
    }
    return end == 0 || end == messages.size()
        ? conversation // a template says what it misses
        : conversation.toBuilder().messages(messages.subList(0, end)).build();
  }
}
