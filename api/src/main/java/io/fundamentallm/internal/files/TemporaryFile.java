package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that an {@link AtomicFile} is written to before it gets its name, {@code
 * name.0123456789abcdef.tmp} beside it. A killed writer leaves it; the next one of a file of that
 * name deletes it. It deletes nothing else:
 *
 * <ul>
 *   <li>Names of this form, of this file and with 13 to 16 hexadecimal digits, are taken by no
 *       other program that is known. (Earlier versions left out zeros at the front.) Links and
 *       directories stay.
 *   <li>A writer holds an operating system lock on its temporary file until this has the other
 *       name, and the system releases it when the process ends, however that ends. Only what can be
 *       locked is deleted. Where a file system has no locks nothing is.
 *   <li>Who deletes holds the lock while doing so, and a writer looks, once it has the lock,
 *       whether its file is still there; if not, it takes another one. So neither overtakes the
 *       other.
 *   <li>A process loses its lock when it closes any other channel of the file, so what this process
 *       writes stands in a table, and is not opened.
 * </ul>
 *
 * <p>What this relies on is that two machines which write to one network file system see each
 * other's locks, as {@link DirectoryLock} does. One thread at a time.
 */
final class TemporaryFile implements AutoCloseable {
  /** Nobody reads or writes there: on Windows what is locked cannot be read. */
  private static final long LOCKED = Long.MAX_VALUE - 1;

  /** As many times in a row nobody takes a new file for one that was left. */
  private static final int ATTEMPTS = 3;

  private static final Pattern SUFFIX = Pattern.compile("\\.[0-9a-f]{13,16}\\.tmp");

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** The names of those that this process writes. */
  private static final Set<String> WRITTEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private final boolean locked;

  private TemporaryFile(Path path, FileChannel channel, boolean locked) {
    this.path = path;
    this.channel = channel;
    this.locked = locked;
  }

  /**
   * A new one.
   *
   * @param name the name that it gets in the end
   * @param ownerOnly whether nobody else may read it, on systems that know owners
   */
  static TemporaryFile create(Path directory, String name, boolean ownerOnly) throws IOException {
    FileAttribute<?>[] attributes =
        ownerOnly && directory.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {OWNER_ONLY}
            : new FileAttribute<?>[0];
    for (int i = 1; ; i++) {
      // not Files.createTempFile: that hides the file from other users, and the rename keeps it so
      String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      Path path = directory.resolve(name + "." + suffix + ".tmp");
      WRITTEN.add(name(path));
      TemporaryFile created = null;
      try {
        FileChannel channel =
            FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
        created = owned(path, channel, i == ATTEMPTS);
        if (created != null) {
          return created;
        }
        channel.close();
      } finally {
        if (created == null) {
          WRITTEN.remove(name(path));
        }
      }
    }
  }

  /**
   * Locks it.
   *
   * @param anyhow if it is not there: in a zip file it is when it is closed, and not before
   * @return null if somebody else took it for one that was left
   */
  private static @Nullable TemporaryFile owned(Path path, FileChannel channel, boolean anyhow)
      throws IOException {
    try {
      boolean locked = channel.tryLock(LOCKED, 1, false) != null && Files.exists(path);
      return locked || anyhow ? new TemporaryFile(path, channel, locked) : null;
    } catch (OverlappingFileLockException e) {
      return null; // a copy of this class in another class loader looks at it
    } catch (IOException | UnsupportedOperationException e) {
      // there are no locks here, and so nobody deletes it
      return new TemporaryFile(path, channel, false);
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** Writes to it. */
  FileChannel contents() {
    return channel;
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** Whether it is safe from others as long as its channel is open, and must be renamed before. */
  boolean isLocked() {
    return locked;
  }

  /** Releases it, and deletes it unless it was renamed. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      try {
        Files.deleteIfExists(path);
      } finally {
        WRITTEN.remove(name(path));
      }
    }
  }

  /**
   * Deletes what killed writers of a file of this name left. Where that cannot be done they stay:
   * they are in nobody's way, and what was written is.
   */
  static void deleteAbandoned(Path directory, String name) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path path : all) {
        String other = name(path);
        if (other.startsWith(name)
            && SUFFIX.matcher(other.substring(name.length())).matches()
            && !WRITTEN.contains(other)
            && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          deleteUnlocked(path);
        }
      }
    } catch (IOException | DirectoryIteratorException | UnsupportedOperationException e) {
      // the next writer tries again
    }
  }

  @SuppressWarnings("try") // the lock is held, not used
  private static void deleteUnlocked(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock(LOCKED, 1, false)) {
      if (lock != null) {
        Files.deleteIfExists(path);
      }
    } catch (OverlappingFileLockException e) {
      // a copy of this class in another class loader writes it
    }
  }
}
