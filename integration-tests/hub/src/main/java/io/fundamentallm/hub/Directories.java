package io.fundamentallm.hub;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What both destinations do with files. */
final class Directories {
  private Directories() {}

  static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " lies in no directory");
    }
    return parent;
  }

  /**
   * Where a file is written before it gets its name. Not by createTempFile, whose files no other
   * user of the machine may read; the lock keeps others from the same name.
   */
  static Path beside(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tmp");
  }

  /** A second name for the same bytes; a copy where the file system has none. */
  static void linkOrCopy(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (FileSystemException | UnsupportedOperationException e) {
      copy(from, to);
    }
  }

  /** A copy that is whole or not there. */
  static void copy(Path from, Path to) throws IOException {
    Path written = beside(to);
    try {
      Files.copy(from, written, StandardCopyOption.REPLACE_EXISTING);
      Files.move(written, to, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
