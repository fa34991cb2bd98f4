package io.fundamentallm.commandline;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.ArrayList;
import java.util.List;

/** The conversation so far: turns or, for a model that was not trained on turns, one text. */
final class Conversation {
  private final boolean turns;
  private final List<ChatTool> tools;
  private final List<ChatMessage> messages = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private int before;

  /**
   * Begins one.
   *
   * @param turns whether the model has a chat template
   * @param tools what it may call; only with turns
   */
  Conversation(boolean turns, List<ChatTool> tools) {
    this.turns = turns;
    this.tools = tools;
  }

  boolean hasTurns() {
    return turns;
  }

  /** The text goes on behind a line. Pass the result to {@link #continued}. */
  Generation go(TextGenerator generator, String line) {
    before = text.length();
    if (text.length() > 0 && !line.isEmpty()) {
      text.append('\n');
    }
    text.append(line);
    return generator.tokens(text.toString());
  }

  /** A line of the user, which {@link #answer} answers. */
  void say(String line) {
    before = messages.size();
    messages.add(ChatMessage.user(line));
  }

  /** The model's answer to what was said so far. Pass its message to {@link #answered}. */
  ChatAnswer answer(TextGenerator generator) {
    return generator.chat(ChatPrompt.builder(List.copyOf(messages)).tools(tools).build());
  }

  /** Adds the continuation, even if it was cut short. */
  void continued(String more) {
    text.append(more);
  }

  /** Adds the answer, even if it was cut short; one without a word takes the user's line back. */
  void answered(ChatMessage answer) {
    boolean empty = answer.content().isEmpty() && answer.toolCalls().isEmpty();
    if (empty && messages.size() == before + 1) {
      takeBack(); // many templates refuse two turns of one role
    } else if (messages.size() > before) {
      messages.add(answer);
    }
  }

  /** Adds what a tool said. */
  void result(ChatToolCall call, String result) {
    messages.add(ChatMessage.tool(call, result));
  }

  /** The line was refused: it was never said, and nothing followed. */
  void takeBack() {
    if (turns) {
      messages.subList(before, messages.size()).clear();
    } else {
      text.setLength(before);
    }
  }

  void forget() {
    messages.clear();
    text.setLength(0);
    before = 0;
  }
}
