package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Replaces a file of a model directory so that it is always the whole old file or the whole new
 * one: for readers, if the program is killed at any moment, and after a power loss. It writes a
 * temporary file beside it, then does fsync, rename, and fsync of the directory. Once the method
 * has returned it is the new one, within the limits of {@link DurableFiles}. What writers left
 * beside it that were killed is deleted then, see {@link TemporaryFile}. Thread-safe; of several
 * writers of one file the last wins.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the contents of a file. */
  @FunctionalInterface
  public interface Contents {
    /** Writes everything, from the beginning; leaves the channel open. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Writes a file of these bytes; see {@link #write(Path, Contents)}. */
  public static void write(Path file, ByteBuffer bytes) throws IOException {
    write(file, contents(bytes));
  }

  /** The same, see {@link #writePrivate(Path, Contents)}. */
  public static void writePrivate(Path file, ByteBuffer bytes) throws IOException {
    writePrivate(file, contents(bytes));
  }

  private static Contents contents(ByteBuffer bytes) {
    return channel -> {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    };
  }

  /**
   * Writes a file; creates its directory if it is missing.
   *
   * @throws IOException when it cannot be written, as on a full disk; names the file. The old one
   *     is then still there, or, if the thread is interrupted at the very end, the new one
   */
  public static void write(Path file, Contents contents) throws IOException {
    write(file, false, contents);
  }

  /** The same, for its owner alone to read and write, on systems that know owners. */
  public static void writePrivate(Path file, Contents contents) throws IOException {
    write(file, true, contents);
  }

  private static void write(Path file, boolean ownerOnly, Contents contents) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " has no directory");
    }
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": it is a directory; expected a file, or a name for one");
    }
    DurableFiles.createDirectories(directory);
    try (TemporaryFile temporary = open(directory, file, ownerOnly)) {
      try (FileChannel channel = new NamedChannel(file, temporary.contents())) {
        contents.writeTo(channel);
        channel.force(true);
        if (temporary.isLocked()) {
          DurableFiles.rename(temporary.path(), file); // before the lock is released
        }
      }
      if (!temporary.isLocked()) {
        DurableFiles.rename(temporary.path(), file);
      }
    }
    TemporaryFile.deleteAbandoned(directory, file.getFileName().toString());
  }

  /** Errors name the file that was asked for, not the one that takes its name at the end. */
  private static TemporaryFile open(Path directory, Path file, boolean ownerOnly)
      throws IOException {
    try {
      return TemporaryFile.create(directory, file.getFileName().toString(), ownerOnly);
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(
          file.toString(), null, "it may not be written: its directory does not allow it");
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
      throw new FileSystemException(file.toString(), null, "it cannot be written: " + reason);
    }
  }
}
