package io.fundamentallm.benchmarks.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the Dockerfile puts on top of its base image, made without a builder of images: the runtime
 * that its {@code jlink} line links, by the JDK that runs this, and the layers of the service.
 *
 * @param options of the JVM, as the image sets them
 */
record ServiceImage(Path runtime, Path service, String options) {
  private static final Pattern MODULES = Pattern.compile("ARG MODULES=(\\S+)");
  private static final Pattern LINK = Pattern.compile("RUN jlink (.+)");
  private static final Pattern OPTIONS = Pattern.compile("JDK_JAVA_OPTIONS=\"([^\"]+)\"");

  /**
   * Makes it.
   *
   * @param jar the service's, as Spring Boot packs it
   * @param folder an empty one
   */
  static ServiceImage make(Path dockerfile, Path jar, Path folder)
      throws IOException, InterruptedException {
    String file = Files.readString(dockerfile);
    Path runtime = folder.resolve("runtime");
    List<String> link = new ArrayList<>();
    link.add(Path.of(System.getProperty("java.home"), "bin", "jlink").toString());
    Arrays.stream(one(LINK, file).split(" ", -1))
        .map(word -> word.equals("\"$MODULES\"") ? one(MODULES, file) : word)
        .map(word -> word.equals("/runtime") ? runtime.toString() : word)
        .forEach(link::add);
    run(folder, link);
    run(
        folder,
        List.of(
            runtime.resolve("bin/java").toString(),
            "-Djarmode=tools",
            "-jar",
            jar.toAbsolutePath().toString(),
            "extract",
            "--destination",
            "service"));
    return new ServiceImage(runtime, folder.resolve("service"), one(OPTIONS, file));
  }

  /** What starts the service, in {@link #service}. */
  List<String> command() throws IOException {
    try (Stream<Path> files = Files.list(service)) {
      Path jar =
          files
              .filter(file -> file.toString().endsWith(".jar"))
              .findFirst()
              .orElseThrow(() -> new IOException("no jar in " + service));
      return List.of(runtime.resolve("bin/java").toString(), "-jar", jar.getFileName().toString());
    }
  }

  /** Bytes of all files of a folder. */
  static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .mapToLong(
              file -> {
                try {
                  return Files.size(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .sum();
    }
  }

  /** Removes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static String one(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IllegalArgumentException("the Dockerfile has no " + pattern);
    }
    return found.group(1);
  }

  private static void run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (InputStream in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(command + " failed:\n" + output);
      }
    }
  }
}
