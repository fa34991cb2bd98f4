package io.fundamentallm.hub;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keeps the threads of this process, and other processes, from one download at the same time. */
final class DownloadLock {
  private static final ConcurrentHashMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();
  private static final long LOOK_MILLIS = 50;

  private final ReentrantLock thread;
  private final FileChannel channel;

  private DownloadLock(ReentrantLock thread, FileChannel channel) {
    this.thread = thread;
    this.channel = channel;
  }

  /** Waits for its turn; a cancelled caller leaves the queue. */
  static DownloadLock take(Path file, Cancellation cancellation) throws IOException {
    Path path = file.toAbsolutePath().normalize();
    Files.createDirectories(Directories.parent(path));
    ReentrantLock thread = THREADS.computeIfAbsent(path, key -> new ReentrantLock());
    FileChannel channel = null;
    boolean taken = false;
    try {
      while (!thread.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        cancellation.throwIfCancelled();
      }
      taken = true;
      channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      for (FileLock lock = channel.tryLock(); lock == null; lock = channel.tryLock()) {
        cancellation.throwIfCancelled();
        Thread.sleep(LOOK_MILLIS);
      }
      return new DownloadLock(thread, channel);
    } catch (InterruptedException e) {
      release(thread, taken, channel);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while another download of the same model runs");
    } catch (IOException | RuntimeException e) {
      release(thread, taken, channel);
      throw e;
    }
  }

  private static void release(ReentrantLock thread, boolean taken, @Nullable FileChannel channel)
      throws IOException {
    try {
      if (channel != null) {
        channel.close(); // and its lock
      }
    } finally {
      if (taken) {
        thread.unlock();
      }
    }
  }

  void close() throws IOException {
    release(thread, true, channel);
  }
}
