package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.internal.corpus.CorpusReader;
import io.fundamentallm.internal.files.ReadablePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The documents of files, for corpora larger than memory: they are read again at each iteration,
 * and several iterations may run at once. {@link io.fundamentallm.training.TokenFile} turns them
 * into tokens, and {@link io.fundamentallm.Tokenizers#learn} learns from them. Immutable and
 * thread-safe; its iterators are for one thread at a time.
 *
 * <p>A document of more than four million characters comes in parts, cut after a line or before a
 * space, where white space does not continue across the cut.
 *
 * <p>Iterators throw {@link UncheckedIOException}: for a file that cannot be read, with its name;
 * for malformed UTF-8 with file and byte; for JSON Lines with file and line. They close a file at
 * its end and before they throw; an abandoned one keeps its file open until it is garbage
 * collected.
 */
public final class TextCorpus implements Iterable<String> {
  /** Where documents are cut, in characters. */
  private static final int LONGEST = 1 << 22;

  private final List<Path> files;
  private final Optional<String> field;
  private final int longest;

  private TextCorpus(List<Path> files, Optional<String> field, int longest) {
    this.files = List.copyOf(files);
    this.field = field;
    this.longest = longest;
  }

  /** Text files in UTF-8, each a document, in this order. */
  public static TextCorpus ofFiles(Path... files) {
    return new TextCorpus(Elements.copy(files, "files"), Optional.empty(), LONGEST);
  }

  /**
   * The text files of a directory and those below it, each a document, in the order of their names
   * relative to the directory, compared by UTF-16 and with {@code /} between, so that the order is
   * the same everywhere.
   *
   * @param glob which files, by their names relative to the directory, as in {@link
   *     java.nio.file.FileSystem#getPathMatcher}: <code>**.txt</code> for all with that ending,
   *     {@code *.txt} for those in the directory itself
   * @throws IOException when the directory cannot be read, or has no such file
   * @throws IllegalArgumentException if the glob is none
   */
  public static TextCorpus ofDirectory(Path directory, String glob) throws IOException {
    ReadablePath.requireDirectory(directory);
    PathMatcher matcher = matcher(directory, glob);
    List<Path> found;
    try (Stream<Path> all = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      found =
          all.filter(file -> matcher.matches(directory.relativize(file)))
              .filter(Files::isRegularFile)
              .sorted(Comparator.comparing(file -> name(directory, file)))
              .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (found.isEmpty()) {
      throw new IOException(directory + " has no file that matches " + glob);
    }
    return new TextCorpus(found, Optional.empty(), LONGEST);
  }

  private static PathMatcher matcher(Path directory, String glob) {
    try {
      return directory.getFileSystem().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the glob \""
              + glob
              + "\" is broken: "
              + e.getDescription()
              + "; expected one such as **.txt",
          e);
    }
  }

  private static String name(Path directory, Path file) {
    Path inside = directory.relativize(file);
    return inside.toString().replace(inside.getFileSystem().getSeparator(), "/");
  }

  /**
   * The same files read as JSON Lines: each line is an object that holds one document. Lines with
   * only white space are skipped.
   *
   * @param textField the field that holds the document's text, such as {@code text}
   */
  public TextCorpus jsonLines(String textField) {
    return new TextCorpus(files, Optional.of(requireNonNull(textField, "textField")), longest);
  }

  /**
   * The same documents, cut elsewhere.
   *
   * @param characters see {@link #longest()}; at least 1
   */
  public TextCorpus cutAfter(int characters) {
    if (characters < 1) {
      throw new IllegalArgumentException("characters " + characters + " is not at least 1");
    }
    return new TextCorpus(files, field, characters);
  }

  /** The files, in reading order. */
  public List<Path> files() {
    return files;
  }

  /** The field of JSON Lines that holds a document's text; empty for files of plain text. */
  public Optional<String> textField() {
    return field;
  }

  /** After how many characters a document is cut into parts, at a place between words. */
  public int longest() {
    return longest;
  }

  @Override
  public Iterator<String> iterator() {
    return new Texts(new CorpusReader(files, field, longest));
  }

  /** Looks one part ahead. */
  private static final class Texts implements Iterator<String> {
    private final CorpusReader reader;
    private CorpusReader.@Nullable Part next;

    Texts(CorpusReader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          next = reader.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return next != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException("there are no more documents");
      }
      String text = requireNonNull(next).text();
      next = null;
      return text;
    }
  }
}
