package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The right to train into a model directory, which one thread of one process has at a time: an
 * operating system lock on {@code .training.lock} in the directory. It ends with the process,
 * however that ends. The empty file stays: if a holder deleted it, the next two could each lock a
 * file of that name.
 *
 * <p>The thread that has it may take it again, as in a program that holds it during a training and
 * the steps before it. Thread-safe.
 *
 * <p>On most systems a process loses its lock when it closes any other channel of the same file. So
 * this class refuses a second thread with its own table, as Lucene's {@code NativeFSLockFactory}
 * does, and nothing else in the process may open the file.
 */
public final class DirectoryLock implements AutoCloseable {
  /** The file's name. */
  public static final String FILE = ".training.lock";

  private static final Map<Path, Held> HELD = new HashMap<>();

  /**
   * For each directory, a channel of a file locked by a copy of this class in another class loader,
   * or by this class under another path. Closing it would release that lock, so it stays open until
   * the lock is gone.
   */
  private static final Map<Path, FileChannel> REFUSED = new HashMap<>();

  /** A lock that this process has. */
  private static final class Held {
    private final FileChannel channel;
    private final Thread thread = Thread.currentThread();
    private int times;

    private Held(FileChannel channel) {
      this.channel = channel;
    }
  }

  private final Path directory;
  private boolean closed;

  private DirectoryLock(Path directory) {
    this.directory = directory;
  }

  /**
   * Takes the lock, without waiting.
   *
   * @param directory created if it is missing
   * @throws IOException when another process or thread has it, or the directory cannot be created
   *     or locked; names the directory
   */
  public static DirectoryLock hold(Path directory) throws IOException {
    try {
      DurableFiles.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw e; // says what is in the way
    } catch (FileSystemException e) {
      throw notWritable(directory, e);
    }
    Path real = directory.toRealPath();
    synchronized (HELD) {
      Held held = HELD.get(real);
      if (held == null) {
        held = new Held(lock(directory, real));
        HELD.put(real, held);
      } else if (held.thread != Thread.currentThread()) {
        throw taken(directory, "thread of this process");
      }
      held.times++;
    }
    return new DirectoryLock(real);
  }

  private static FileChannel lock(Path directory, Path real) throws IOException {
    closeRefused(directory, real);
    Path file = directory.resolve(FILE);
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw notWritable(directory, e);
    }
    try {
      if (channel.tryLock() == null) {
        throw taken(directory, "process");
      }
      return channel;
    } catch (OverlappingFileLockException e) {
      REFUSED.put(real, channel);
      throw taken(directory, "part of this process");
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private static void closeRefused(Path directory, Path real) throws IOException {
    FileChannel refused = REFUSED.get(real);
    if (refused == null) {
      return;
    }
    try {
      refused.tryLock();
    } catch (OverlappingFileLockException e) {
      throw taken(directory, "part of this process");
    }
    REFUSED.remove(real);
    refused.close();
  }

  /** The JDK's own message is a path and no more. */
  private static IOException notWritable(Path directory, FileSystemException e) {
    String reason = e.getReason() == null ? "the system refuses it" : e.getReason();
    // not where a disk is full, or too many files are open
    boolean mayNot = e.getReason() == null || reason.contains("Read-only");
    return new IOException(
        "the directory "
            + directory
            + (Files.exists(directory) ? " cannot be written to (" : " cannot be created (")
            + (e instanceof AccessDeniedException ? "permission denied" : reason)
            + ")"
            + (mayNot ? "; train into one that this program may write to" : ""),
        e);
  }

  private static IOException taken(Path directory, String by) {
    return new IOException(
        "another "
            + by
            + " is training into "
            + directory
            + "; wait until it has ended, or train into another directory");
  }

  /** Releases the lock. A second call does nothing. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      Held held = HELD.get(directory);
      if (!closed && held != null && --held.times == 0) {
        HELD.remove(directory);
        held.channel.close();
      }
      closed = true;
    }
  }
}
