package io.fundamentallm.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The folder of reference files and corpora that {@code -Dfundamentallm.shared=DIR} names. */
public final class SharedFolder {
  private SharedFolder() {}

  /** A file of the corpora. */
  public static Path corpus(String name) {
    return root().resolve("corpora").resolve(name);
  }

  /** A tokenizer's folder, unzipped to a temporary folder that goes when the JVM ends. */
  public static Path tokenizer(String name) {
    Path zipped = root().resolve("golden/tokenizers/files").resolve(name);
    try (Stream<Path> files = Files.list(zipped)) {
      Path folder = Files.createTempDirectory("fundamentallm-" + name);
      folder.toFile().deleteOnExit();
      for (Path file : files.sorted().toList()) {
        unzip(file, folder);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A rank file of {@code r50k}, {@code cl100k} or {@code o200k}, unzipped. */
  public static Path rankFile(String name) {
    return tokenizer(name + "_base").resolve(name + "_base.tiktoken");
  }

  /** A {@code tokenizer.json}, unzipped, with the files that belong to it beside it. */
  public static Path tokenizerJson(String name) {
    return tokenizer(name).resolve("tokenizer.json");
  }

  /** Whether the name is that of a rank file. */
  public static boolean isRankFile(String name) {
    return List.of("r50k", "cl100k", "o200k").contains(name);
  }

  private static void unzip(Path file, Path folder) throws IOException {
    String name = file.getFileName().toString();
    if (!name.endsWith(".gz")) {
      return;
    }
    Path unzipped = folder.resolve(name.substring(0, name.length() - ".gz".length()));
    unzipped.toFile().deleteOnExit();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      Files.copy(in, unzipped);
    }
  }

  private static Path root() {
    String folder = System.getProperty("fundamentallm.shared");
    if (folder == null) {
      throw new IllegalStateException(
          "-Dfundamentallm.shared=DIR must name the folder with golden/tokenizers and corpora");
    }
    return Path.of(folder);
  }
}
