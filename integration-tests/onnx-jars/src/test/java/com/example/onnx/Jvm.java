package com.example.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How an application in a JVM of its own ended. */
record Jvm(Path folder, int exit, String out, String err) {
  private static final String ERROR_FILE = "crash.log";

  /** Runs to the end in a new folder, where its temporary files lie too. */
  static Jvm run(Path parent, List<Path> classPath, Class<?> main, Object... arguments)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(parent, main.getSimpleName());
    List<String> options = new ArrayList<>();
    options.add("-Djava.io.tmpdir=" + Files.createDirectory(folder.resolve("tmp")));
    options.add("-XX:ErrorFile=" + folder.resolve(ERROR_FILE));
    // standard error is for native code and the JVM
    options.add("-Dorg.slf4j.simpleLogger.logFile=System.out");
    // JDK 24 and later warn of native code without leave
    options.add("--enable-native-access=ALL-UNNAMED");
    options.addAll(List.of("-cp", joined(classPath), main.getName()));
    Stream.of(arguments).map(Object::toString).forEach(options::add);
    Run run = Jdk.running().java(folder, options);
    return new Jvm(folder, run.exit(), run.out(), run.err());
  }

  /** As {@code -cp} takes it. */
  static String joined(List<Path> classPath) {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** That it returned 0 without a word of complaint, and did not crash. */
  void assertCleanExit() {
    assertThat(folder.resolve(ERROR_FILE)).as(err).doesNotExist();
    assertThat(exit).as(err).isZero();
    assertThat(err).isEmpty();
  }

  /** What it unpacked and did not delete. */
  List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("tmp"))) {
      return files.skip(1).toList();
    }
  }

  /** What follows this beginning in the only line that has it. */
  String line(String beginning) {
    List<String> lines = lines(beginning);
    assertThat(lines).as("lines with \"%s\" in: %s%s", beginning, out, err).hasSize(1);
    return lines.get(0);
  }

  /** What follows this beginning in all lines that have it. */
  List<String> lines(String beginning) {
    return out.lines()
        .filter(line -> line.startsWith(beginning))
        .map(line -> line.substring(beginning.length()))
        .toList();
  }
}
