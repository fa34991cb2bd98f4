package io.fundamentallm.commandline;

import io.fundamentallm.ProviderException;
import io.fundamentallm.spi.NearestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports a failure with one line, and with a stack trace if requested. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  /** Of the names of options: -h, -V. */
  private static final int SHORT = 2;

  /** The artifact that a failure names which is mended by adding it. */
  private static final String ONNX_RUNTIME = "com.microsoft.onnxruntime:onnxruntime";

  /** Of the JVM's words for a heap that is full; it has others, as for too many threads. */
  private static final Pattern HEAP = Pattern.compile("heap space|GC overhead");

  private final Main main;

  Failures(Main main) {
    this.main = main;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    print(e.getCommandLine(), problem(e) + " (see: " + command + " --help)", e);
    return ExitCode.USAGE;
  }

  /** What is wrong, and what a mistyped option or command was probably meant to be. */
  private static String problem(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return oneLine(e);
    }
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    boolean option = unmatched.isUnknownOption();
    List<String> names =
        (option ? spec.optionsMap().keySet() : spec.subcommands().keySet())
            .stream()
                .filter(name -> name.length() > SHORT) // which any typo would resemble
                .toList();
    boolean command = !option && !names.isEmpty();
    String sampler = option ? DecodingArguments.sampler(spec, unmatched.getUnmatched()) : "";
    if (!sampler.isEmpty()) {
      return oneLine(e) + ". Write --sampler " + sampler;
    }
    String given = unmatched.getUnmatched().get(0);
    return (command ? "no command named \"" + given + "\"" : oneLine(e))
        + NearestName.of(given.replaceFirst("=.*", ""), names)
            .map(name -> ". Did you mean \"" + name + "\"?")
            .orElse(command ? "; there are " + String.join(", ", names) : "");
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine line, ParseResult arguments) {
    return report(line, e);
  }

  /** Prints what failed; returns the exit code for it. */
  int report(CommandLine line, Throwable failure) {
    print(line, oneLine(failure), failure);
    return ExitCode.SOFTWARE;
  }

  private void print(CommandLine line, String message, Throwable failure) {
    line.getOut().flush();
    PrintWriter err = line.getErr();
    err.println("fundamentallm: " + message);
    if (main.stacktrace) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  /** The message, on one line. */
  static String oneLine(Throwable failure) {
    return message(failure).strip().replaceAll("\\s*\\R\\s*", " | ").replace(": | ", ": ");
  }

  private static String message(Throwable failure) {
    if (failure instanceof UncheckedIOException unchecked) {
      return message(Objects.requireNonNull(unchecked.getCause()));
    }
    String text =
        Wording.ofOptions(
            Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getName()));
    if (failure instanceof ProviderException && text.contains(ONNX_RUNTIME) && !hasOnnxRuntime()) {
      return text + ". java -jar takes ONNX Runtime's jar from beside the program's own";
    }
    if (failure instanceof OutOfMemoryError && HEAP.matcher(text).find()) {
      return "the heap of at most %d MiB is too small. Start the program with a larger one, as by java -Xmx4g"
          .formatted(Runtime.getRuntime().maxMemory() >> 20);
    }
    if (failure instanceof FileSystemException at && at.getReason() == null) {
      return text + " " + reason(at);
    }
    // their own messages are not sentences
    boolean bare = failure instanceof Error || failure.getClass() == RuntimeException.class;
    return bare || isUnexpected(failure) ? failure.toString() : text;
  }

  private static boolean hasOnnxRuntime() {
    return Failures.class.getResource("/ai/onnxruntime/OrtSession.class") != null;
  }

  private static boolean isUnexpected(Throwable failure) {
    return failure instanceof NullPointerException
        || failure instanceof IndexOutOfBoundsException
        || failure instanceof ClassCastException
        || failure instanceof ArithmeticException;
  }

  /** What the JDK expresses only by the class's name. */
  private static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "does not exist";
    } else if (failure instanceof AccessDeniedException) {
      return "may not be read or written";
    } else if (failure instanceof FileAlreadyExistsException) {
      return "is in the way: it is a file, and a directory was expected";
    } else if (failure instanceof NotDirectoryException) {
      return "is no directory";
    }
    return "failed: " + failure.getClass().getSimpleName();
  }
}
