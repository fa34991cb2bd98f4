package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What is said of a path at which there is nothing to read, whoever was to read it. */
public final class ReadablePath {
  private ReadablePath() {}

  /** The error for a path that does not exist. */
  public static NoSuchFileException missing(Path path) {
    return new NoSuchFileException(path.toString(), null, "there is no such file or directory");
  }

  /**
   * Checks that there is something.
   *
   * @throws NoSuchFileException when there is nothing
   */
  public static void require(Path path) throws NoSuchFileException {
    if (Files.notExists(path)) {
      throw missing(path);
    }
  }

  /**
   * Checks that there is a file.
   *
   * @throws IOException when there is nothing, or a directory
   */
  public static void requireFile(Path path) throws IOException {
    require(path);
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": it is a directory; expected a file");
    }
  }

  /**
   * Checks that there is a directory.
   *
   * @throws IOException when there is nothing, or a file
   */
  public static void requireDirectory(Path path) throws IOException {
    require(path);
    if (!Files.isDirectory(path)) {
      throw new IOException(path + ": it is a file; expected a directory");
    }
  }
}
