package io.fundamentallm.commandline;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Registry;
import io.fundamentallm.spi.Provider;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command has: somewhere to write, and a way to refuse its command line. */
abstract class Subcommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec; // by picocli, before call

  final CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not called from a command line");
    }
    return spec;
  }

  final PrintWriter out() {
    return spec().commandLine().getOut();
  }

  /** Reports whether a signal asks the program to end. */
  final Interruption interruption() {
    return ((Main) spec().root().userObject()).interruption;
  }

  /** What the command line asks for; if that is impossible, the command line is wrong. */
  final <T> T parsed(Supplier<T> parse) {
    return parsed(spec(), parse);
  }

  /** Refuses to write to a file that is read: what was in it would be lost. */
  final void requireNoInput(String option, @Nullable Path output, Collection<Path> inputs)
      throws IOException {
    for (Path input : inputs) {
      if (output != null && Files.exists(output) && Files.isSameFile(output, input)) {
        throw new ParameterException(
            spec().commandLine(),
            option + ": " + output + " is read, and would be replaced; name another file");
      }
    }
  }

  /** Refuses a spec with an unknown name. */
  final void requireKnown(Class<? extends Provider> kind, String named) {
    requireKnown(spec(), kind, named);
  }

  static void requireKnown(CommandSpec spec, Class<? extends Provider> kind, String named) {
    parsed(
        spec,
        () ->
            Registry.standard()
                .find(kind, io.fundamentallm.model.Spec.parse(named).stages().get(0).name()));
  }

  static <T> T parsed(CommandSpec spec, Supplier<T> parse) {
    try {
      return parse.get();
    } catch (IllegalArgumentException | ProviderException e) {
      throw new ParameterException(spec.commandLine(), Failures.oneLine(e), e);
    }
  }
}
