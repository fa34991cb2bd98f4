package io.fundamentallm;

import io.fundamentallm.spi.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The plainest reason why nothing could be loaded from a place. */
final class PathCheck {
  /** How many entries of a directory are looked at. An unpacked archive has few at its top. */
  private static final int MAX_LOOKED_AT = 200;

  private static final int MAX_NAMED = 3;

  private PathCheck() {}

  /** The error for a path that does not exist. */
  static NoSuchFileException missing(Path path) {
    return new NoSuchFileException(path.toString(), null, "there is no such file or directory");
  }

  /** Loads with a provider that was named, and so was not asked whether it can. */
  static <T> T load(Provider provider, Path path, Registry.Call<T, IOException> load)
      throws IOException {
    try {
      return Registry.linked(provider, load);
    } catch (IOException e) {
      if (Files.exists(path)) {
        throw e;
      }
      IOException missing = missing(path);
      missing.initCause(e);
      throw missing;
    }
  }

  /**
   * Refuses a place that every provider has refused, if there is a plainer reason than theirs.
   *
   * @param message says that nothing can be loaded from there
   * @param loads whether something can be loaded from a place
   * @throws ProviderException if the directory is empty, or the model is below it
   */
  static void check(Path path, String message, Predicate<Path> loads) throws IOException {
    if (!Files.isDirectory(path)) {
      return;
    }
    List<Path> inside;
    try (Stream<Path> all = Files.list(path)) {
      inside = all.limit(MAX_LOOKED_AT).sorted().toList();
    }
    if (inside.isEmpty()) {
      throw new ProviderException(message + ": the directory is empty");
    }
    List<String> below =
        inside.stream()
            .filter(Files::isDirectory)
            .filter(loads)
            .limit(MAX_NAMED)
            .map(Path::toString)
            .toList();
    if (!below.isEmpty()) {
      throw new ProviderException(
          message + "; a directory below it can be loaded: name " + String.join(", or ", below));
    }
  }
}
