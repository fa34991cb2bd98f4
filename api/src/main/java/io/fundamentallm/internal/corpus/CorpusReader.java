package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.files.ReadablePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents of a {@link io.fundamentallm.text.TextCorpus} in parts. Closes each file at
 * its end and before it throws. One thread at a time.
 */
public final class CorpusReader implements AutoCloseable {
  /** A longer line of text is read in parts. */
  private static final int LONGEST_LINE = 1 << 20;

  /**
   * A document, or a part of one.
   *
   * @param first whether it begins a document
   * @param last whether it ends a document
   * @param file where it is
   * @param line where it begins, from 1
   */
  public record Part(String text, boolean first, boolean last, Path file, long line) {
    @Override
    public String toString() {
      return file + ", line " + line;
    }
  }

  /** The parts of one file. */
  public interface File {
    /** The next one; null at the end. */
    @Nullable Part next() throws IOException;
  }

  private final Iterator<Path> left;
  private final Optional<String> field;
  private final int longest;
  private @Nullable LineReader lines;
  private @Nullable File file;
  private long bytesBefore;

  /**
   * Reads files.
   *
   * @param field of JSON Lines; none for text
   * @param longest characters after which documents of a text file are cut
   */
  public CorpusReader(List<Path> files, Optional<String> field, int longest) {
    left = files.iterator();
    this.field = field;
    this.longest = longest;
  }

  /** The next part; null at the end. */
  public @Nullable Part next() throws IOException {
    try {
      Part part = file == null ? null : file.next();
      while (part == null && left.hasNext()) {
        part = open(left.next()).next();
      }
      return part;
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private File open(Path path) throws IOException {
    bytesBefore = bytesRead();
    ReadablePath.requireFile(path);
    LineReader reader =
        new LineReader(
            path,
            Files.newInputStream(path),
            field.isPresent() ? JsonRecords.LONGEST : LONGEST_LINE);
    lines = reader;
    File opened =
        field
            .<File>map(name -> new JsonLines(path, reader, name))
            .orElseGet(() -> new TextParts(path, reader, longest));
    file = opened;
    return opened;
  }

  /** Bytes of all files that were read for the parts so far. */
  public long bytesRead() {
    return bytesBefore + (lines == null ? 0 : lines.position());
  }

  @Override
  public void close() {
    if (lines != null) {
      lines.close();
    }
  }
}
