package io.fundamentallm.commandline;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.ChatToolCall;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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
  /** What llama.cpp draws with unless told otherwise. */
  private static final String DRAWN = "top-k=40,top-p=0.95,min-p=0.05,temperature=0.8";

  /** How often a model may call tools before it is somebody else's turn. */
  private static final int ROUNDS = 16;

  @Mixin ModelDirectory directory = new ModelDirectory();
  @Mixin DecodingArguments decoding = new DecodingArguments();

  @Option(
      names = "--tools",
      paramLabel = "FILE",
      description = {
        "A JSON array of tools that the model may call, each with name, description, parameters"
            + " (a JSON Schema), command (a program and its arguments) and timeout in seconds.",
        "The program gets the arguments as JSON on its standard input; its output is the result."
      })
  @Nullable Path tools;

  @Override
  public Integer call() throws IOException {
    decoding.check();
    ToolPrograms programs = tools == null ? ToolPrograms.none() : ToolPrograms.read(tools);
    try (TextGenerator loaded = directory.generator();
        ChatLines lines = ChatLines.open(out())) {
      boolean turns = loaded.tokenizer().chatTemplate().isPresent();
      TextGenerator chosen = turns && nobodyChose(loaded) ? milder(loaded) : loaded;
      ChatSettings settings = new ChatSettings(decoding.applyTo(chosen), lines.coloured());
      if (!turns && tools != null) {
        throw new ParameterException(
            spec().commandLine(),
            "--tools needs a model with a chat template, and " + directory.path + " has none");
      }
      if (!turns) {
        explainContinuation();
      }
      Conversation conversation = new Conversation(turns, programs.tools());
      for (String line = next(lines); line != null; line = next(lines)) {
        if (line.strip().equals("/quit")) {
          break;
        } else if (line.strip().equals("/reset")) {
          conversation.forget();
        } else if (line.startsWith("/")) {
          lines.out().println(settings.change(line.strip()));
        } else {
          answer(conversation, settings, programs, line, lines);
        }
        lines.out().flush();
      }
    }
    return ExitCode.OK;
  }

  /** Whether neither the model's files nor the user say how tokens are chosen. */
  private boolean nobodyChose(TextGenerator loaded) {
    return decoding.sampler == null
        && loaded.options().sampler().toString().equals(Samplers.draw().toString())
        && !Files.exists(directory.path.resolve("generation_config.json"));
  }

  /** A plain draw makes a small model stumble. */
  private TextGenerator milder(TextGenerator loaded) {
    PrintWriter err = spec().commandLine().getErr();
    err.println(
        "Nothing says how this model's tokens are chosen, so they are with "
            + DRAWN
            + "; --sampler, or /set sampler=SPEC, chooses otherwise.");
    err.flush();
    return loaded.withSampler(DRAWN);
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
      Conversation conversation,
      ChatSettings settings,
      ToolPrograms programs,
      String line,
      ChatLines lines) {
    AtomicBoolean stopped = new AtomicBoolean();
    lines.onInterrupt(() -> stopped.set(true));
    ChatTurn turn = new ChatTurn(lines, settings.showsSurprisal());
    try (Interruption interruption = interruption().work()) {
      Cancellation cancellation = interruption.or(stopped::get);
      TextGenerator generator =
          settings.generator().with(options -> options.cancellation(cancellation));
      if (conversation.hasTurns()) {
        conversation.say(line);
        answer(conversation, generator, programs, turn, lines, cancellation);
      } else {
        try (Generation generation = conversation.go(generator, line)) {
          turn.print(generation);
          sayIfFull(generation, settings.generator(), lines);
        }
      }
    } catch (IllegalArgumentException | IllegalStateException | ProviderException e) {
      lines.out().println("(" + Failures.oneLine(e) + ")");
      if (turn.text().isEmpty() && !(e instanceof CancellationException)) {
        conversation.takeBack();
        lines.out().println("(the line is forgotten; /reset forgets the whole conversation)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!conversation.hasTurns()) {
        conversation.continued(turn.text());
      }
    }
  }

  /** The model's turn, and again each time that it has called tools. */
  private static void answer(
      Conversation conversation,
      TextGenerator generator,
      ToolPrograms programs,
      ChatTurn turn,
      ChatLines lines,
      Cancellation cancellation)
      throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      List<ChatToolCall> calls = new ArrayList<>();
      try (ChatAnswer answer = conversation.answer(generator)) {
        turn.print(
            answer,
            message -> {
              conversation.answered(message);
              calls.addAll(message.toolCalls());
            });
        sayIfFull(answer.generation(), generator, lines);
      }
      if (calls.isEmpty()) {
        return;
      }
      for (ChatToolCall call : calls) {
        String result = programs.call(call, cancellation::isCancelled);
        lines.out().println("-> " + ShellTerminal.harmless(result).replace("\n", "\n   "));
        lines.out().flush();
        conversation.result(call, result);
      }
      if (cancellation.isCancelled()) {
        return;
      }
    }
    lines.out().println("(called tools " + ROUNDS + " times in a row: your turn)");
  }

  private static void sayIfFull(Generation generation, TextGenerator generator, ChatLines lines) {
    if (generation.hasEnded() && generation.finishReason() == FinishReason.CONTEXT_FULL) {
      lines.out().println(DecodingArguments.contextFull(generator));
    }
  }
}
