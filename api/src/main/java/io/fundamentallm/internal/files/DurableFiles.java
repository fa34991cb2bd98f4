package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Changes to directories that survive a power loss: once a method has returned, its change is on
 * the disk. A file's name is stored in its directory, which is synced separately from the file
 * (fsync(2)). Thread-safe.
 *
 * <p>Some systems cannot sync a directory: Windows, which cannot open one, and some network file
 * systems. There, changes are as durable as the system makes them (like Lucene's {@code
 * IOUtils.fsync}).
 */
public final class DurableFiles {
  private DurableFiles() {}

  /**
   * Creates a directory and its parents if they are missing. The name of the first one that already
   * exists is synced too, because it may have been created without a sync.
   *
   * @throws IOException when one cannot be created, or something else has its name
   */
  public static void createDirectories(Path directory) throws IOException {
    Deque<Path> names = new ArrayDeque<>();
    Path at = directory.toAbsolutePath();
    for (; at != null && !Files.exists(at); at = at.getParent()) {
      names.push(at);
    }
    if (at != null) {
      names.push(at);
    }
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new FileAlreadyExistsException(e.getFile(), null, "it is a file; expected a directory");
    }
    for (Path name : names) {
      syncName(name);
    }
  }

  /**
   * Renames a file, replacing one that may have the name, or renames a directory.
   *
   * @param to in the same directory
   * @throws IOException when it cannot be renamed
   */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncName(to);
  }

  /**
   * Deletes a file if it exists.
   *
   * @throws IOException when it cannot be deleted
   */
  public static void deleteIfExists(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncName(file);
    }
  }

  /**
   * Syncs everything in a directory to the disk, whoever wrote it, but not the directory's own
   * name.
   *
   * @throws IOException when a file cannot be opened or synced
   */
  public static void syncAll(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(directory)) {
      all = paths.toList();
    }
    for (Path path : all) {
      if (Files.isDirectory(path)) {
        syncDirectory(path);
      } else {
        // for writing: Windows syncs only those
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (ClosedByInterruptException e) {
      throw e; // not a limit of the system
    } catch (IOException | UnsupportedOperationException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      // otherwise this system does not sync it
    }
  }

  /** Syncs that a name exists, or no longer exists. */
  private static void syncName(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      syncDirectory(directory);
    }
  }
}
