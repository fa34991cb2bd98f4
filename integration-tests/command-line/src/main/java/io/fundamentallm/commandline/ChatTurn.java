package io.fundamentallm.commandline;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatParser;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.text.ChatMessage;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Prints what a model writes, token by token. */
final class ChatTurn {
  private final PrintWriter out;
  private final boolean surprisal;
  private final boolean coloured;
  private final StringBuilder text = new StringBuilder();
  private double bits;
  private int tokens;
  private boolean thinking;

  ChatTurn(ChatLines lines, boolean surprisal) {
    out = lines.out();
    this.surprisal = surprisal;
    coloured = lines.coloured();
  }

  /** What the model wrote so far. */
  String text() {
    return text.toString();
  }

  /** Prints all of it. */
  void print(Generation generation) {
    while (generation.hasNext()) {
      Token token = generation.next();
      count(token);
      show(token.text(), token);
    }
    end();
  }

  /**
   * Prints an answer: thinking in brackets, and of calls which they are.
   *
   * @param message gets it, even if it was cut short, without a call that was
   */
  void print(ChatAnswer answer, Consumer<ChatMessage> message) {
    Generation generation = answer.generation();
    ChatParser parser = answer.parser();
    try {
      while (generation.hasNext()) {
        Token token = generation.next();
        count(token);
        show(parser.append(token), token);
      }
    } finally {
      show(parser.finish(), null);
      think(false);
      message.accept(parser.message());
    }
    end();
  }

  private void count(Token token) {
    bits += bitsOf(token);
    tokens++;
  }

  private static double bitsOf(Token token) {
    return -token.logProbability() / StrictMath.log(2);
  }

  private void show(List<ChatPart> parts, @Nullable Token token) {
    for (ChatPart part : parts) {
      if (part instanceof ChatPart.Text more) {
        think(false);
        show(more.text(), token);
      } else if (part instanceof ChatPart.Thinking more) {
        think(true);
        show(more.text(), token);
      } else if (part instanceof ChatPart.CallEnd end) {
        think(false);
        out.println();
        String call = end.call().name() + " " + end.call().arguments();
        out.print("[" + ShellTerminal.harmless(call) + "]");
      }
    }
  }

  private void think(boolean now) {
    if (now != thinking) {
      out.print(now ? "(thinking: " : ")\n");
      thinking = now;
    }
  }

  private void show(String more, @Nullable Token token) {
    text.append(more);
    String harmless = ShellTerminal.harmless(more);
    if (surprisal && coloured && token != null) {
      out.print(SurprisalColour.paint(harmless, bitsOf(token)));
    } else {
      out.print(harmless);
    }
    out.flush();
  }

  private void end() {
    out.println();
    if (surprisal && tokens > 0) {
      out.printf(Locale.ROOT, "(%d tokens, %.2f bits each)%n", tokens, bits / tokens);
    }
  }
}
