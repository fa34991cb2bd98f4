package com.example.modular;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JDK whose {@code java} the tests start, as a user's shell would. */
record Jdk(Path home, int feature) {
  /** What a process printed, and how it ended. */
  record Run(int exit, String out, String err) {}

  /** The one that runs the tests. */
  static Jdk running() {
    return new Jdk(Path.of(System.getProperty("java.home")), Runtime.version().feature());
  }

  /** Another version, at least 17, installed beside the one that runs the tests. */
  static Optional<Jdk> other() throws IOException {
    Path beside = running().home.toRealPath().getParent();
    try (Stream<Path> homes = Files.list(beside)) {
      return homes
          .sorted()
          .flatMap(home -> at(home).stream())
          .filter(jdk -> jdk.feature >= 17 && jdk.feature != running().feature)
          .findFirst();
    }
  }

  private static Optional<Jdk> at(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(release)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = properties.getProperty("JAVA_VERSION", "\"0\"").replace("\"", "");
    return Optional.of(new Jdk(home, Runtime.Version.parse(version).feature()));
  }

  /** Runs {@code java} with these arguments in a folder, to its end. */
  Run java(Path folder, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/java").toString()));
    command.addAll(arguments);
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after 20 minutes: " + command);
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
