package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.internal.corpus.LineReader;
import io.fundamentallm.internal.files.ReadablePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines of text files, for corpora larger than memory: they are read again at each iteration, a
 * line at a time, and several iterations may run at once. Thread-safe; its iterators are for one
 * thread at a time.
 */
public final class TextLines implements Iterable<String> {
  /** A line longer than this comes in parts: some files have no line ends at all. */
  private static final int LONGEST = 1 << 20;

  /** How a file is opened. */
  interface Open {
    InputStream open(Path file) throws IOException;
  }

  private final List<Path> files;
  private final Open open;
  private final int longest;

  TextLines(List<Path> files, Open open, int longest) {
    this.files = List.copyOf(files);
    this.open = open;
    this.longest = longest;
  }

  /**
   * The lines of these files in UTF-8, one file after another. Each line keeps its line feed, if it
   * has one; nothing else ends a line, and the lines together are the files. Lines of more than a
   * mebibyte come in parts, cut before a space or a tab, or between code points if there is none.
   *
   * <p>Iterators throw {@link UncheckedIOException}: for a file that cannot be read, with its name,
   * and for malformed UTF-8 with the byte it begins at. They close a file at its end and before
   * they throw, and {@code forEach} also when the action throws; an abandoned one keeps its file
   * open until it is garbage collected.
   */
  public static Iterable<String> of(Path... files) {
    return new TextLines(Elements.copy(files, "files"), TextLines::open, LONGEST);
  }

  private static InputStream open(Path file) throws IOException {
    ReadablePath.requireFile(file);
    return Files.newInputStream(file);
  }

  @Override
  public Iterator<String> iterator() {
    return new Lines();
  }

  @Override
  public void forEach(Consumer<? super String> action) {
    iterator().forEachRemaining(action);
  }

  /** Looks one line ahead. */
  private final class Lines implements Iterator<String> {
    private final Iterator<Path> left = files.iterator();
    private @Nullable LineReader reader;
    private @Nullable String next;
    private boolean ended;

    @Override
    public boolean hasNext() {
      while (next == null && !ended && (reader != null || left.hasNext())) {
        try {
          advance();
        } catch (IOException e) {
          ended = true;
          throw new UncheckedIOException(e);
        }
      }
      return next != null;
    }

    private void advance() throws IOException {
      if (reader == null) {
        Path file = left.next();
        reader = new LineReader(file, open.open(file), longest);
      }
      next = reader.next();
      if (next == null) {
        reader = null;
      }
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException("there are no more lines");
      }
      String line = requireNonNull(next);
      next = null;
      return line;
    }

    @Override
    public void forEachRemaining(Consumer<? super String> action) {
      try {
        while (hasNext()) {
          action.accept(next());
        }
      } finally {
        close();
      }
    }

    private void close() {
      if (reader != null) {
        reader.close();
        reader = null;
        ended = true;
      }
    }
  }
}
