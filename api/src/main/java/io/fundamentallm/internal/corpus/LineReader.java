package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.buffers.Utf8Sequence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The lines of one file. Closes it at its end and before it throws. */
public final class LineReader {
  private static final int AT_ONCE = 1 << 16;

  private final Path file;
  private final InputStream in;
  private final int longest;

  /** What was read but not returned yet is from {@code start} to {@code end}. */
  private byte[] buffer;

  private int start;
  private int end;

  /** The position of {@code start} in the file. */
  private long position;

  private boolean ended;

  /**
   * Reads from a stream.
   *
   * @param longest how many bytes of a line are returned at once; at least the 4 of a code point
   */
  public LineReader(Path file, InputStream in, int longest) {
    this.file = file;
    this.in = in;
    this.longest = longest;
    buffer = new byte[Math.min(AT_ONCE, longest)];
  }

  /** The next line or part of one; null at the end. */
  public @Nullable String next() throws IOException {
    try {
      String line = decoded(lineLength());
      if (line.isEmpty()) {
        close();
        return null;
      }
      return line;
    } catch (IOException e) {
      close();
      throw named(e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** How many bytes of the file were returned as lines. */
  public long position() {
    return position;
  }

  /** Reads until a whole line is available, or as much of one as is returned at once. */
  private int lineLength() throws IOException {
    int looked = 0;
    while (true) {
      for (; looked < end - start; looked++) {
        if (buffer[start + looked] == '\n') {
          return looked + 1;
        }
      }
      if (looked >= longest) {
        return part(looked);
      } else if (ended) {
        return looked;
      }
      read();
    }
  }

  private void read() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(longest, end * 2));
    }
    int read = in.read(buffer, end, buffer.length - end);
    if (read < 0) {
      ended = true;
    } else {
      end += read;
    }
  }

  /** How much of a long line to return: the rest begins with its space, as words do. */
  private int part(int length) {
    for (int i = length - 1; i > 0; i--) {
      if (buffer[start + i] == ' ' || buffer[start + i] == '\t') {
        return i;
      }
    }
    int last = length - 1; // the first byte of the last code point
    while (last > length - 4 && (buffer[start + last] & 0xC0) == 0x80) {
      last--;
    }
    boolean cutShort = Utf8Sequence.length(buffer, start + last, start + length) == 0;
    return cutShort ? last : length;
  }

  private String decoded(int length) throws IOException {
    String line = new String(buffer, start, length, StandardCharsets.UTF_8);
    if (line.indexOf('\uFFFD') >= 0) {
      checkWellFormed(length);
    }
    start += length;
    position += length;
    return line;
  }

  private void checkWellFormed(int length) throws IOException {
    for (int at = start; at < start + length; ) {
      int sequence = Utf8Sequence.length(buffer, at, start + length);
      if (sequence <= 0) {
        throw new IOException(
            "malformed UTF-8 at byte " + (position + at - start) + "; save the text as UTF-8");
      }
      at += sequence;
    }
  }

  private IOException named(IOException e) {
    return new IOException(file + ": " + e.getMessage(), e);
  }

  /** Closes the file. It was only read, so nothing is lost if closing fails. */
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // what was read is available
    }
  }
}
