package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Directories that are seen whole or not at all, even if the process is killed or the power fails.
 * Each is written under a hidden name, {@code .name.tmp}, renamed when it is complete and on the
 * disk, and renamed to {@code .name.old} before it is deleted.
 *
 * <p>One that replaces another needs two renames, and a kill between them leaves neither under its
 * name. {@link #recover} then takes the new one. It knows that this one is complete: {@code .old}
 * is always gone before the first file of {@code .tmp} is written or deleted, so that both are
 * there only between the two renames, or while {@code name} is there as well.
 *
 * <p>One thread of one process at a time changes the directories of a folder, such as the one that
 * has its {@link DirectoryLock}.
 */
public final class AtomicDirectory {
  private static final String UNFINISHED = ".tmp";
  private static final String WITHDRAWN = ".old";

  private AtomicDirectory() {}

  /** Writes the files of a directory. */
  @FunctionalInterface
  public interface Contents {
    /** Writes everything into an empty directory. */
    void writeTo(Path directory) throws IOException;
  }

  /**
   * Writes a directory, replacing any that exists; on return it is on the disk. If that fails, as
   * on a full disk, nothing of the new one remains. A kill leaves the old one or the new one, after
   * {@link #recover}.
   */
  public static void write(Path directory, Contents contents) throws IOException {
    Path unfinished = hidden(directory, UNFINISHED);
    Path withdrawn = hidden(directory, WITHDRAWN);
    clean(directory);
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
    if (Files.exists(directory)) {
      DurableFiles.rename(directory, withdrawn);
    }
    DurableFiles.rename(unfinished, directory);
    deleteFiles(withdrawn);
  }

  /** Deletes a directory, if it exists, with all that a killed process left of it. */
  public static void delete(Path directory) throws IOException {
    clean(directory);
    if (Files.exists(directory)) {
      Path withdrawn = hidden(directory, WITHDRAWN);
      DurableFiles.rename(directory, withdrawn);
      deleteFiles(withdrawn);
    }
  }

  /** Gives a directory its name back, if a process was killed while it replaced the directory. */
  public static void recover(Path directory) throws IOException {
    if (isInterrupted(directory)) {
      DurableFiles.rename(hidden(directory, UNFINISHED), directory);
    }
  }

  /**
   * Recovers all directories of a folder that have such names.
   *
   * @param folder need not exist
   */
  public static void recoverAll(Path folder, Predicate<String> names) throws IOException {
    for (Path directory : left(folder, names)) {
      recover(directory);
    }
  }

  /**
   * Recovers all directories of a folder that have such names, and deletes what else a killed
   * process left of them.
   *
   * @param folder need not exist
   */
  public static void cleanAll(Path folder, Predicate<String> names) throws IOException {
    for (Path directory : left(folder, names)) {
      clean(directory);
    }
  }

  /**
   * Where the files of a directory are, for those who may not {@link #recover} it: under its own
   * name, if there is anything.
   */
  public static Path readable(Path directory) {
    return isInterrupted(directory) ? hidden(directory, UNFINISHED) : directory;
  }

  /** The directories of a folder of which something hidden is left, by the names they had. */
  public static Set<Path> left(Path folder, Predicate<String> names) throws IOException {
    Set<Path> left = new TreeSet<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .map(file -> visible(file.getFileName().toString()))
            .filter(name -> !name.isEmpty() && names.test(name))
            .forEach(name -> left.add(folder.resolve(name)));
      }
    }
    return left;
  }

  private static boolean isInterrupted(Path directory) {
    return Files.notExists(directory)
        && Files.isDirectory(hidden(directory, UNFINISHED))
        && Files.isDirectory(hidden(directory, WITHDRAWN));
  }

  /** The old one first: see above. */
  private static void clean(Path directory) throws IOException {
    recover(directory);
    deleteFiles(hidden(directory, WITHDRAWN));
    deleteFiles(hidden(directory, UNFINISHED));
  }

  /**
   * The name of the directory for which a killed process left this one; empty for any other name.
   */
  private static String visible(String name) {
    boolean hidden =
        name.startsWith(".") && (name.endsWith(UNFINISHED) || name.endsWith(WITHDRAWN));
    int end = name.length() - UNFINISHED.length();
    return hidden && end > 1 ? name.substring(1, end) : "";
  }

  /** Deletes a folder that has a hidden name, if it exists; then that is on the disk. */
  private static void deleteFiles(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
    DurableFiles.deleteIfExists(folder);
  }

  private static Path hidden(Path directory, String suffix) {
    return directory.resolveSibling("." + directory.getFileName() + suffix);
  }
}
