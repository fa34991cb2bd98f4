package io.fundamentallm.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The manual pages in languages other than English, as they are written: troff, mixed by turns. */
final class ManPages {
  private ManPages() {}

  /** Adds pages, one of each language in turn, in the order of their paths. */
  static void addTo(CappedText text, Path root) throws IOException {
    Deque<Deque<Path>> turns = new ArrayDeque<>();
    for (Path folder : folders(root)) {
      turns.add(pages(folder));
    }
    while (!turns.isEmpty() && !text.isFull()) {
      Deque<Path> language = turns.remove();
      if (!language.isEmpty()) {
        text.add(read(language.remove()));
        turns.add(language);
      }
    }
  }

  /** The languages' folders: all but those of the English sections, {@code man1} and so on. */
  private static List<Path> folders(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(Files::isDirectory)
          .filter(folder -> !folder.getFileName().toString().startsWith("man"))
          .sorted()
          .toList();
    }
  }

  private static Deque<Path> pages(Path folder) throws IOException {
    // Links are left out: they would repeat a page.
    try (Stream<Path> files = Files.walk(folder)) {
      return new ArrayDeque<>(
          files
              .filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
              .sorted()
              .toList());
    }
  }

  private static byte[] read(Path page) throws IOException {
    if (!page.toString().endsWith(".gz")) {
      return Files.readAllBytes(page);
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(page))) {
      return in.readAllBytes();
    }
  }
}
