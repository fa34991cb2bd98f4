package com.example.writer;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What this test's own class path holds: our jars, what they need, and the application. */
final class ClassPath {
  private static final List<String> WANTED =
      List.of(
          "fundamentallm-",
          "failureaccess-",
          "guava-",
          "jackson-core-",
          "slf4j-api-",
          "slf4j-simple-");

  private ClassPath() {}

  /** The jars that an application would ship; the test frameworks are left out. */
  static Stream<Path> jars() {
    return Stream.concat(
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(
                    path -> WANTED.stream().anyMatch(path.getFileName().toString()::startsWith)),
            Stream.of(buildFolder().resolve("classes")))
        .map(Path::toAbsolutePath);
  }

  /** Where Maven builds this module. */
  static Path buildFolder() {
    return Path.of("target");
  }
}
