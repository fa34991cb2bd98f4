package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Changes to directories that survive a power loss: when a method has returned, its change is on
 * the disk. A file's name lies in its directory, which is synced apart from the file (fsync(2)).
 * Thread-safe.
 *
 * <p>Where a directory cannot be synced, as on Windows, which opens none, and on some network file
 * systems, changes are as durable as the system makes them by itself (as Lucene's {@code
 * IOUtils.fsync} has it).
 */
public final class DurableFiles {
  private DurableFiles() {}

  /**
   * Makes a directory and those above it, where they are missing. The name of the first that is
   * there already is synced, too, as nobody knows who made it.
   *
   * @throws IOException when one cannot be made, or something else has its name
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
    Files.createDirectories(directory);
    for (Path name : names) {
      syncName(name);
    }
  }

  /**
   * Renames a file, in place of one that may have the name, or a directory.
   *
   * @param to in the same directory
   * @throws IOException when it cannot be renamed
   */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncName(to);
  }

  /**
   * Deletes a file, where it is there.
   *
   * @throws IOException when it cannot be deleted
   */
  public static void deleteIfExists(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncName(file);
    }
  }

  /**
   * Puts on the disk what a directory holds, whoever wrote it, down to the last file; but not the
   * name of the directory.
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
        // for writing: Windows syncs no other
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
      throw e; // that has nothing to do with what the system can
    } catch (IOException | UnsupportedOperationException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      // else one that this system does not sync
    }
  }

  /** Syncs that a name is there, or is there no more. */
  private static void syncName(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      syncDirectory(directory);
    }
  }
}
