package io.fundamentallm.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The Java sources that come with a JDK. */
final class SourceCode {
  /** Every so many files is taken, and then the next ones, so that many packages have their say. */
  private static final int STRIDE = 16;

  private SourceCode() {}

  /** Adds the sources of the first JDK on this machine that has them, or of the running one. */
  static void addTo(CappedText text) throws IOException {
    Path sources =
        find()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no lib/src.zip in /usr/lib/jvm/* or in "
                            + System.getProperty("java.home")
                            + ": install a JDK with its sources (Debian: openjdk-17-source)"));
    try (ZipFile zip = new ZipFile(sources.toFile())) {
      List<? extends ZipEntry> files =
          zip.stream()
              .filter(file -> file.getName().endsWith(".java"))
              .sorted((a, b) -> a.getName().compareTo(b.getName()))
              .toList();
      for (int first = 0; first < STRIDE; first++) {
        for (int i = first; i < files.size() && !text.isFull(); i += STRIDE) {
          try (InputStream in = zip.getInputStream(files.get(i))) {
            text.add(in.readAllBytes());
          }
        }
      }
    }
  }

  private static Optional<Path> find() throws IOException {
    // Not the running JDK's first: the text should not change with the JDK that is measured.
    Path installed = Path.of("/usr/lib/jvm");
    Path running = Path.of(System.getProperty("java.home"));
    try (Stream<Path> jdks =
        Files.isDirectory(installed) ? Files.list(installed).sorted() : Stream.empty()) {
      return Stream.concat(jdks, Stream.of(running))
          .map(jdk -> jdk.resolve("lib/src.zip"))
          .filter(Files::isReadable)
          .findFirst();
    }
  }
}
