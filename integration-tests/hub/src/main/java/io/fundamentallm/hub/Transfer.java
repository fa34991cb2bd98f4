package io.fundamentallm.hub;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings the bytes of one file into a partial file, going on where an earlier attempt, also of
 * another process, left off; checks them when all are there.
 */
final class Transfer {
  /** Attempts in a row that bring no byte before the download gives up. */
  private static final int FRUITLESS = 5;

  private static final long LOOK_MILLIS = 50;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final HubConnection hub;
  private final Duration pause;
  private final DownloadListener listener;
  private final Cancellation cancellation;

  /**
   * @param pause before the second attempt, doubled before each further one
   */
  Transfer(
      HubConnection hub, Duration pause, DownloadListener listener, Cancellation cancellation) {
    this.hub = hub;
    this.pause = pause;
    this.listener = listener;
    this.cancellation = cancellation;
  }

  /** Returns when the partial file is whole and its checksum right. */
  void fetch(RemoteFile file, Path partial) throws IOException {
    long before = sizeOf(partial);
    if (file.size() >= 0 && before > file.size()) {
      Files.delete(partial);
      before = 0;
    }
    boolean resumed = before > 0;
    requireSpace(file, partial, before);
    int fruitless = 0;
    while (before != file.size() || file.size() < 0 || !Files.exists(partial)) {
      cancellation.throwIfCancelled();
      IOException failure;
      Duration wait = pause.multipliedBy(1L << fruitless);
      try {
        Optional<Duration> again = attempt(file, partial, before, wait);
        if (again.isEmpty()) {
          break;
        }
        wait = again.get();
        failure = new IOException("the hub could not serve it");
      } catch (HubException | InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        failure = e;
      }
      long now = sizeOf(partial);
      fruitless = now > before ? 0 : fruitless + 1;
      before = now;
      if (fruitless == FRUITLESS) {
        throw new IOException(
            file.name()
                + ": "
                + FRUITLESS
                + " attempts in a row failed at byte "
                + before
                + " of "
                + file.size()
                + ", the last because "
                + failure.getMessage()
                + ". The same call goes on from there",
            failure);
      }
      sleep(wait);
    }
    verify(file, partial, resumed);
  }

  private void verify(RemoteFile file, Path partial, boolean resumed) throws IOException {
    long size = sizeOf(partial);
    if ((file.size() >= 0 && size != file.size()) || !Checksum.matches(partial, file.etag())) {
      Files.deleteIfExists(partial);
      if (resumed) {
        fetch(file, partial); // what lay there was not of this file
        return;
      }
      throw new IOException(
          file.name()
              + ": what arrived is not what the hub names, "
              + file.etag()
              + "; it is deleted. Download again; if it happens again, something between here and"
              + " the hub changes the bytes");
    }
    listener.onProgress(file.name(), size, size);
  }

  /** One request. Returns how long to wait before the next; nothing when it brought all. */
  private Optional<Duration> attempt(RemoteFile file, Path partial, long from, Duration wait)
      throws IOException {
    HubConnection.Answer answer = hub.get(file.at(), from);
    try (ResponseBody body = answer.body()) {
      int status = answer.status();
      if (status == 429 || status >= 500) {
        return Optional.of(asked(answer, wait));
      }
      boolean partly = status == 206 && from > 0;
      if ((status == 416 && from > 0) || (partly && !startsAt(answer, from))) {
        Files.delete(partial); // a server that counts otherwise: from the start
        return Optional.of(wait);
      }
      if (status != 200 && !partly) {
        throw hub.refusal(answer, file.name());
      }
      write(file, partial, body, partly ? from : 0);
      return Optional.empty();
    }
  }

  private static boolean startsAt(HubConnection.Answer answer, long from) {
    return answer.header("Content-Range").startsWith("bytes " + from + "-");
  }

  private static Duration asked(HubConnection.Answer answer, Duration otherwise) {
    String seconds = answer.header("Retry-After");
    if (seconds.matches("[0-9]{1,9}")) {
      Duration said = Duration.ofSeconds(Math.max(1, Long.parseLong(seconds)));
      return said.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : said;
    }
    return otherwise;
  }

  private void write(RemoteFile file, Path partial, ResponseBody body, long from)
      throws IOException {
    try (FileChannel out =
        FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.truncate(from);
      out.position(from);
      long done = from;
      for (List<ByteBuffer> piece = hub.next(body); piece != null; piece = hub.next(body)) {
        for (ByteBuffer buffer : piece) {
          done += buffer.remaining();
          if (file.size() >= 0 && done > file.size()) {
            throw new HubException(
                file.name()
                    + ": more arrives than the "
                    + file.size()
                    + " bytes that the hub named",
                0,
                "");
          }
          while (buffer.hasRemaining()) {
            out.write(buffer);
          }
        }
        listener.onProgress(file.name(), done, file.size());
      }
      if (file.size() >= 0 && done < file.size()) {
        throw new IOException("the transfer ended early");
      }
      out.force(true);
    }
  }

  private static void requireSpace(RemoteFile file, Path partial, long have) throws IOException {
    Path folder = partial.toAbsolutePath().getParent();
    if (folder == null || file.size() < 0) {
      return;
    }
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < file.size() - have) {
      throw new IOException(
          file.name()
              + " needs "
              + (file.size() - have)
              + " more bytes; "
              + folder
              + " has "
              + free);
    }
  }

  private static long sizeOf(Path partial) throws IOException {
    return Files.exists(partial) ? Files.size(partial) : 0;
  }

  private void sleep(Duration wait) throws IOException {
    long deadline = System.nanoTime() + wait.toNanos();
    try {
      while (System.nanoTime() - deadline < 0) {
        cancellation.throwIfCancelled();
        Thread.sleep(Math.min(LOOK_MILLIS, Math.max(1, wait.toMillis())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the hub");
    }
  }
}
