package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.internal.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Directories that are seen whole or not at all, even if the process is killed or the power fails.
 * Each is written under a hidden name, renamed when it is complete and on the disk, and renamed
 * back before it is deleted.
 */
final class AtomicDirectory {
  private static final String UNFINISHED = ".tmp";
  private static final String WITHDRAWN = ".old";

  private AtomicDirectory() {}

  /** Writes the files of a directory. */
  @FunctionalInterface
  interface Contents {
    void writeTo(Path directory) throws IOException;
  }

  /**
   * Writes a directory, replacing any that exists; on return it is on the disk. If that fails, as
   * on a full disk, nothing of the new one remains.
   */
  static void write(Path directory, Contents contents) throws IOException {
    Path unfinished = hidden(directory, UNFINISHED);
    deleteFiles(unfinished);
    try {
      DurableFiles.createDirectories(unfinished);
      contents.writeTo(unfinished);
      DurableFiles.syncAll(unfinished); // a tokenizer saves itself, and may be the application's
    } catch (IOException | RuntimeException e) {
      try {
        deleteFiles(unfinished);
      } catch (IOException kept) {
        e.addSuppressed(kept);
      }
      throw e;
    }
    Path withdrawn = withdraw(directory);
    DurableFiles.rename(unfinished, directory);
    deleteFiles(withdrawn);
  }

  /** Deletes a directory, if it exists. */
  static void delete(Path directory) throws IOException {
    deleteFiles(withdraw(directory));
  }

  /** Hides a directory, if it exists, before the first of its files is deleted. */
  private static Path withdraw(Path directory) throws IOException {
    Path withdrawn = hidden(directory, WITHDRAWN);
    if (Files.exists(directory)) {
      deleteFiles(withdrawn);
      DurableFiles.rename(directory, withdrawn);
    }
    return withdrawn;
  }

  /**
   * The name of the directory for which a killed process left this one; empty for any other name.
   */
  static String visible(String name) {
    boolean hidden =
        name.startsWith(".") && (name.endsWith(UNFINISHED) || name.endsWith(WITHDRAWN));
    return hidden ? name.substring(1, name.length() - UNFINISHED.length()) : "";
  }

  /** Deletes a folder that has a hidden name, if it exists. */
  static void deleteFiles(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Path hidden(Path directory, String suffix) {
    return directory.resolveSibling("." + directory.getFileName() + suffix);
  }
}
