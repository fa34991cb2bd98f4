package io.fundamentallm.commandline;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a prompt, and prints as it goes. */
@Command(name = "generate", description = "Continues a prompt; the text appears as it is written.")
final class Generate extends Subcommand {
  @Mixin ModelDirectory directory = new ModelDirectory();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "What to continue; - reads it from standard input, less a last line break. Without it"
              + " the text begins from nothing.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  String prompt = "";

  @Option(
      names = "--echo",
      description = "Print the prompt, too.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean echo;

  @Mixin DecodingArguments decoding = new DecodingArguments();

  @Override
  public Integer call() throws IOException {
    decoding.check();
    try (TextGenerator loaded = directory.generator()) {
      String begin = prompt.equals("-") ? standardInput() : prompt;
      TextGenerator generator = decoding.applyTo(loaded);
      try (Interruption interruption = interruption().work();
          Generation generation =
              generator.with(options -> options.cancellation(interruption)).tokens(begin)) {
        print(generation, echo ? begin : "");
        if (generation.hasEnded() && generation.finishReason() == FinishReason.CONTEXT_FULL) {
          PrintWriter err = spec().commandLine().getErr();
          err.println(DecodingArguments.contextFull(generator));
          err.flush();
        }
      }
    }
    return ExitCode.OK;
  }

  private void print(Generation generation, String begin) {
    PrintWriter out = out();
    out.print(shown(begin));
    // the reader may have seen enough, as "head" does
    while (!out.checkError() && generation.hasNext()) {
      out.print(shown(generation.next().text()));
    }
    out.println();
    out.flush();
    if (generation.hasEnded() && generation.finishReason() != FinishReason.CANCELLED) {
      printFurther(generation.sequences(), begin);
    }
  }

  /** The decoder may have been asked for several; the first is printed already. */
  private void printFurther(List<GeneratedSequence> sequences, String begin) {
    for (int i = 1; i < sequences.size(); i++) {
      GeneratedSequence sequence = sequences.get(i);
      String score =
          Double.isNaN(sequence.score())
              ? ""
              : String.format(Locale.ROOT, ", score %.4f", sequence.score());
      out().println("-- " + (i + 1) + score);
      out().println(shown(begin + sequence.text()));
    }
  }

  /** Files and pipes get every character as it is. */
  private static String shown(String text) {
    return ShellTerminal.present() ? ShellTerminal.harmless(text) : text;
  }

  private static String standardInput() throws IOException {
    String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    return text.endsWith("\r\n")
        ? text.substring(0, text.length() - 2)
        : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }
}
