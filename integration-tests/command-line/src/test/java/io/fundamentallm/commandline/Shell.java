package io.fundamentallm.commandline;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Starts the jar as a user's shell would. */
record Shell(Path folder, Jdk jdk) {
  /** In a folder, on the JDK that runs the tests. */
  static Shell in(Path folder) {
    return new Shell(folder, Jdk.running());
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
    List<String> all = new ArrayList<>(List.of("-jar", jar().toString()));
    all.addAll(List.of(arguments));
    return jdk.command(all);
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
    return Run.of(folder, command, input, Map.of());
  }

  /** Starts a command whose output a test reads, or which it ends. */
  Process start(String... arguments) throws IOException {
    return new ProcessBuilder(command(arguments))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
  }
}
