package io.fundamentallm.tokenizers.train;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The lines of UTF-8 files, one file after the other, each line with its newline, as Hugging Face's
 * train_from_files takes them. Only one line is in memory at a time; one of more than {@value
 * #MAX_LENGTH} characters comes in several parts. Reads from the beginning each time it is iterated.
 * What cannot be read or is no UTF-8 is an {@link UncheckedIOException} that names the file.
 */
public final class TextLines implements Iterable<String> {
  static final int MAX_LENGTH = 1 << 24;

  private final List<Path> files;

  private TextLines(List<Path> files) {
    this.files = files;
  }

  /** The lines of these files. */
  public static TextLines of(List<Path> files) {
    return new TextLines(List.copyOf(files));
  }

  @Override
  public Iterator<String> iterator() {
    return new LineIterator(files.iterator());
  }

  private static final class LineIterator implements Iterator<String> {
    private final Iterator<Path> files;
    private final char[] buffer = new char[1 << 14];
    private int at;
    private int end;
    private long lines;
    private @Nullable Path file;
    private @Nullable Reader reader;
    private @Nullable String next;

    LineIterator(Iterator<Path> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          next = read();
        } catch (IOException e) {
          throw new UncheckedIOException(file + ", behind line " + lines + ": " + e.getMessage(), e);
        }
      }
      return next != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String line = Objects.requireNonNull(next);
      next = null;
      return line;
    }

    private @Nullable String read() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        if (at == end && !fill()) {
          if (line.length() > 0) {
            return line.toString(); // a file's last line, without a newline
          }
          if (!open()) {
            return null;
          }
          continue;
        }
        int from = at;
        int limit = Math.min(end, from + MAX_LENGTH - line.length());
        while (at < limit && buffer[at] != '\n') {
          at++;
        }
        if (at < limit) {
          at++;
          lines++;
          return line.append(buffer, from, at - from).toString();
        }
        line.append(buffer, from, at - from);
        if (line.length() == MAX_LENGTH) {
          return line.toString();
        }
      }
    }

    private boolean open() throws IOException {
      if (!files.hasNext()) {
        return false;
      }
      file = files.next();
      lines = 0;
      reader =
          new InputStreamReader(
              Files.newInputStream(file),
              StandardCharsets.UTF_8
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT));
      return true;
    }

    /** Closes the file where it is read to its end or cannot be read. */
    private boolean fill() throws IOException {
      Reader from = reader;
      if (from == null) {
        return false;
      }
      at = 0;
      end = 0;
      boolean open = false;
      try {
        int count = from.read(buffer);
        open = count > 0;
        end = Math.max(count, 0);
      } finally {
        if (!open) {
          reader = null;
          from.close();
        }
      }
      return open;
    }
  }
}
