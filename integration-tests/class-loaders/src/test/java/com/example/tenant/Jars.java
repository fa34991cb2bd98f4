package com.example.tenant;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the application ships: the jars on this test's own class path, and its classes. */
final class Jars {
  private static final List<String> SHIPPED =
      List.of(
          "fundamentallm-",
          "failureaccess-",
          "guava-",
          "jackson-core-",
          "slf4j-api-",
          "slf4j-simple-");

  private Jars() {}

  static Path application() {
    return Path.of("target", "classes").toAbsolutePath();
  }

  static List<Path> all() {
    Stream<Path> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(jar -> SHIPPED.stream().anyMatch(jar.getFileName().toString()::startsWith));
    return Stream.concat(jars, Stream.of(application())).toList();
  }

  static Path named(String beginning) {
    return all().stream()
        .filter(jar -> jar.getFileName().toString().startsWith(beginning))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no jar " + beginning + " on the class path"));
  }

  /** One of the jars that this module makes. */
  static Path shaded(String classifier) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.toString().endsWith("-" + classifier + ".jar"))
          .map(Path::toAbsolutePath)
          .findFirst()
          .orElseThrow();
    }
  }

  /** A loader that shares nothing but the JDK with the tests. */
  static URLClassLoader loader(Stream<Path> jars) {
    return new URLClassLoader(
        jars.map(Jars::url).toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
