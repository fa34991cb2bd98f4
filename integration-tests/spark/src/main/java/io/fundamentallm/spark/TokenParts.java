package io.fundamentallm.spark;

import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files of tokens of a directory as one sequence, in the order of their names. Thread-safe. */
final class TokenParts implements TokenSequence {
  private static final String SUFFIX = ".bin";

  private final List<TokenSequence> parts;
  private final long[] starts; // of each part, and the end of all

  TokenParts(List<TokenSequence> parts) {
    this.parts = List.copyOf(parts);
    starts = new long[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      starts[i + 1] = starts[i] + parts.get(i).size();
    }
  }

  /** The name of a partition's file. */
  static String name(int partition) {
    return "part-%05d%s".formatted(partition, SUFFIX);
  }

  static boolean isPart(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  /**
   * Opens a file, or all files of a directory that end in {@code .bin}.
   *
   * @throws IOException if they cannot be read, or there are none
   */
  static TokenSequence open(Path path, int vocabularySize) throws IOException {
    if (!Files.isDirectory(path)) {
      return TokenFile.open(path, vocabularySize);
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(path)) {
      files = all.filter(TokenParts::isPart).sorted().toList();
    }
    if (files.isEmpty()) {
      throw new IOException(path + " has no files of tokens, which end in " + SUFFIX);
    }
    List<TokenSequence> parts = new ArrayList<>();
    for (Path file : files) {
      parts.add(TokenFile.open(file, vocabularySize));
    }
    return new TokenParts(parts);
  }

  /** What one of several workers trains on: equal numbers of tokens, up to rounding. */
  static TokenSequence share(TokenSequence all, int worker, int workers) {
    long size = all.size();
    return all.slice(size * worker / workers, size * (worker + 1) / workers);
  }

  @Override
  public long size() {
    return starts[parts.size()];
  }

  @Override
  public void read(long from, int[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size());
    int found = Arrays.binarySearch(starts, from);
    int read = 0;
    for (int i = found < 0 ? -found - 2 : found; read < count; i++) {
      long inside = from + read - starts[i];
      int here = (int) Math.min((long) count - read, parts.get(i).size() - inside);
      if (here > 0) {
        parts.get(i).read(inside, into, offset + read, here);
        read += here;
      }
    }
  }
}
