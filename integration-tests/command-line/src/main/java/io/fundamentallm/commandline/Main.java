package io.fundamentallm.commandline;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/**
 * The program {@code fundamentallm}. Exits with 0 when all went well, 1 when something failed, 2
 * for a wrong command line, and as shells expect when a signal ended it: 130 for Ctrl-C, 143 for
 * SIGTERM, 129 for SIGHUP.
 */
@Command(
    name = "fundamentallm",
    description = "Trains, measures and runs autoregressive language models.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    sortOptions = false,
    showDefaultValues = true,
    usageHelpWidth = 100,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:something failed; one line says what",
      "2:the command line is wrong",
      "129:stopped by SIGHUP, as the terminal was closed",
      "130:stopped by Ctrl-C",
      "143:stopped by SIGTERM"
    })
public final class Main {
  private static final List<String> COMMANDS =
      List.of(
          "train",
          "generate",
          "chat",
          "serve",
          "evaluate",
          "score",
          "tokenize",
          "convert",
          "inspect",
          "pull");

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Print where a failure came from, too.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  boolean stacktrace;

  final Interruption interruption = Interruption.watch();

  Main() {}

  /** Logging reads the property when the first class logs, which is after the command line. */
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print what the library logs, such as which kernels compute.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  void verbose(boolean verbose) {
    if (verbose) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
  }

  /** Runs one command, and exits. */
  public static void main(String[] arguments) {
    // JDK 22 to 24 would also have a console without a terminal
    System.setProperty("jdk.console", "java.base");
    Main main = new Main();
    CommandLine line =
        program(main, arguments)
            .setOut(writer(FileDescriptor.out))
            .setErr(writer(FileDescriptor.err))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUnmatchedOptionsArePositionalParams(false);
    Failures failures = new Failures(main);
    line.registerConverter(Path.class, Main::path);
    line.setParameterExceptionHandler(failures).setExecutionExceptionHandler(failures);
    int exit;
    try {
      exit = line.execute(arguments);
    } catch (Error e) {
      exit = failures.report(line, e);
    }
    line.getOut().flush();
    main.interruption.exit(exit);
  }

  /**
   * The program, with all of its commands, or the one that the arguments begin with: picocli takes
   * tens of milliseconds to look at ten.
   */
  static CommandLine program(Main main, String... arguments) {
    CommandLine line = new CommandLine(main);
    boolean named = arguments.length > 0 && COMMANDS.contains(arguments[0]);
    for (String command : named ? List.of(arguments[0]) : COMMANDS) {
      line.addSubcommand(command(command));
    }
    return line;
  }

  private static Class<? extends Subcommand> command(String name) {
    return switch (name) {
      case "train" -> Train.class;
      case "generate" -> Generate.class;
      case "chat" -> Chat.class;
      case "serve" -> Serve.class;
      case "evaluate" -> Evaluate.class;
      case "score" -> Score.class;
      case "tokenize" -> Tokenize.class;
      case "convert" -> Convert.class;
      case "inspect" -> Inspect.class;
      case "pull" -> Pull.class;
      default -> throw new IllegalArgumentException("no command named " + name);
    };
  }

  /** An empty path would be the current directory, which a variable without a value never means. */
  static Path path(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException(
          "expected a path, found an empty text; is a variable not set? The current directory is .");
    }
    return Path.of(text);
  }

  private static PrintWriter writer(FileDescriptor to) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(to), ShellTerminal.charset()));
  }
}
