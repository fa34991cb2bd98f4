package io.fundamentallm.commandline;

import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Talks with a model, line by line. */
@Command(
    name = "chat",
    description = {
      "Talks with a model.",
      "It answers by its chat template. A model without one continues the text so far, including"
          + " your lines; an empty line lets it write on. Lines that begin with / are commands:"
          + " /help lists them. Ctrl-C ends an answer, /quit or Ctrl-D the chat."
    })
final class Chat extends Subcommand {
  @Mixin ModelDirectory directory = new ModelDirectory();
  @Mixin DecodingArguments decoding = new DecodingArguments();

  @Override
  public Integer call() throws IOException {
    decoding.check();
    try (TextGenerator loaded = directory.generator();
        ChatLines lines = ChatLines.open(out())) {
      ChatSettings settings = new ChatSettings(decoding.applyTo(loaded), lines.coloured());
      boolean turns = loaded.tokenizer().chatTemplate().isPresent();
      if (!turns) {
        explainContinuation();
      }
      Conversation conversation = new Conversation(turns);
      for (String line = next(lines); line != null; line = next(lines)) {
        if (line.strip().equals("/quit")) {
          break;
        } else if (line.strip().equals("/reset")) {
          conversation.forget();
        } else if (line.startsWith("/")) {
          lines.out().println(settings.change(line.strip()));
        } else {
          answer(conversation, settings, line, lines);
        }
        lines.out().flush();
      }
    }
    return ExitCode.OK;
  }

  /** Otherwise the output would puzzle users who expect answers. */
  private void explainContinuation() {
    PrintWriter err = spec().commandLine().getErr();
    err.println(
        "The model has no chat template, so it does not answer: it continues the text so far,"
            + " including your lines. An empty line lets it write on, /help lists the commands.");
    err.flush();
  }

  private @Nullable String next(ChatLines lines) throws IOException {
    return interruption().isCancelled() ? null : lines.read();
  }

  /** One answer; errors are reported, and the chat continues. */
  private void answer(
      Conversation conversation, ChatSettings settings, String line, ChatLines lines) {
    AtomicBoolean stopped = new AtomicBoolean();
    lines.onInterrupt(() -> stopped.set(true));
    StringBuilder text = new StringBuilder();
    try (Interruption interruption = interruption().work();
        Generation generation =
            conversation.ask(
                settings
                    .generator()
                    .with(options -> options.cancellation(interruption.or(stopped::get))),
                line)) {
      print(generation, settings.showsSurprisal(), lines, text);
      if (generation.hasEnded() && generation.finishReason() == FinishReason.CONTEXT_FULL) {
        lines.out().println(DecodingArguments.contextFull(settings.generator()));
      }
    } catch (IllegalArgumentException | IllegalStateException | ProviderException e) {
      lines.out().println("(" + Failures.oneLine(e) + ")");
      if (text.isEmpty() && !(e instanceof CancellationException)) {
        conversation.takeBack();
        lines.out().println("(the line is forgotten; /reset forgets the whole conversation)");
      }
    } finally {
      conversation.answered(text.toString());
    }
  }

  private static void print(
      Generation generation, boolean surprisal, ChatLines lines, StringBuilder text) {
    PrintWriter out = lines.out();
    double bits = 0;
    int tokens = 0;
    while (generation.hasNext()) {
      Token token = generation.next();
      text.append(token.text());
      double surprise = -token.logProbability() / StrictMath.log(2);
      boolean coloured = surprisal && lines.coloured();
      out.print(coloured ? SurprisalColour.paint(token.text(), surprise) : token.text());
      out.flush();
      bits += surprise;
      tokens++;
    }
    out.println();
    if (surprisal && tokens > 0) {
      out.printf(Locale.ROOT, "(%d tokens, %.2f bits each)%n", tokens, bits / tokens);
    }
  }
}
