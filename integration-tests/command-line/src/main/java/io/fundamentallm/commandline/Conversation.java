package io.fundamentallm.commandline;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/** The conversation so far: turns or, for a model that was not trained on turns, one text. */
final class Conversation {
  private final boolean turns;
  private final List<ChatMessage> messages = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private int before;

  /**
   * Begins one.
   *
   * @param turns whether the model has a chat template
   */
  Conversation(boolean turns) {
    this.turns = turns;
  }

  /** The model's answer to a line. Pass the result to {@link #answered}. */
  Generation ask(TextGenerator generator, String line) {
    if (turns) {
      messages.add(ChatMessage.user(line));
      return generator.chat(List.copyOf(messages));
    }
    before = text.length();
    if (text.length() > 0 && !line.isEmpty()) {
      text.append('\n');
    }
    text.append(line);
    return generator.tokens(text.toString());
  }

  /** Adds the answer, even if it was cut short. */
  void answered(String answer) {
    if (!turns) {
      text.append(answer);
    } else if (!answer.isEmpty()) {
      messages.add(ChatMessage.assistant(answer));
    } else if (!messages.isEmpty()) {
      // many templates refuse two turns of one role
      messages.remove(messages.size() - 1);
    }
  }

  /** The line was refused: it was never said. */
  void takeBack() {
    if (!turns) {
      text.setLength(before);
    }
  }

  void forget() {
    messages.clear();
    text.setLength(0);
  }
}
