package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a file of a model directory so that readers, a program killed at any moment, and whoever
 * looks after a power loss see the old one or the new one whole: a temporary file beside it, fsync,
 * rename, fsync of the directory. When the method has returned it is the new one, as far as {@link
 * DurableFiles} reaches. Thread-safe; of several writers of one file the last wins.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the contents of a file. */
  @FunctionalInterface
  public interface Contents {
    /** Writes everything, from the beginning; leaves the channel open. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file; its directory is made where it is missing.
   *
   * @throws IOException when it cannot be written, as on a full disk; names the file. The old one
   *     is then still there, or, should the thread be interrupted at the very last, the new one
   */
  public static void write(Path file, Contents contents) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " has no directory");
    }
    DurableFiles.createDirectories(directory);
    // not Files.createTempFile: that hides the file from other users, and the rename keeps it so
    String suffix = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path temporary = directory.resolve(file.getFileName() + "." + suffix + ".tmp");
    try {
      try (FileChannel channel =
          new NamedChannel(
              file,
              FileChannel.open(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        contents.writeTo(channel);
        channel.force(true);
      }
      DurableFiles.rename(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
