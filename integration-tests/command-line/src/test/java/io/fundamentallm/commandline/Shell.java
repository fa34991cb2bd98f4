package io.fundamentallm.commandline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts the jar as a user's shell would. */
record Shell(Path folder, Path java) {
  /** What a process printed, and how it ended. */
  record Run(int exit, String out, String err) {}

  /** In a folder, on the JDK that runs the tests. */
  static Shell in(Path folder) {
    return new Shell(folder, Path.of(System.getProperty("java.home"), "bin", "java"));
  }

  /** The one that is published. */
  static Path jar() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(
              file ->
                  file.getFileName()
                      .toString()
                      .matches("fundamentallm-command-line-[0-9.]+(-SNAPSHOT)?\\.jar"))
          .findFirst()
          .orElseThrow()
          .toAbsolutePath();
    }
  }

  List<String> command(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    // these processes live for a second
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a command to its end, without input. */
  Run run(String... arguments) throws IOException, InterruptedException {
    return pipe("", arguments);
  }

  /** Runs a command to its end. */
  Run pipe(String input, String... arguments) throws IOException, InterruptedException {
    return run(command(arguments), input);
  }

  Run run(List<String> command, String input) throws IOException, InterruptedException {
    Path in = Files.writeString(Files.createTempFile(folder, "in", ".txt"), input);
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after 20 minutes: " + command);
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Starts a command whose output a test reads, or which it ends. */
  Process start(String... arguments) throws IOException {
    return new ProcessBuilder(command(arguments))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
  }
}
