package io.fundamentallm.internal.corpus;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A text file as one document. A long one is cut between two lines, or two parts of a line, that do
 * not both have white space at the cut. So with most pre-tokenizers the tokens of the parts are
 * those of the whole, unless the tokenizer adds something at the beginning of a text.
 */
final class TextParts implements CorpusReader.File {
  private final Path file;
  private final LineReader lines;
  private final int longest;

  /** A line that was read but belongs to the next part. */
  private @Nullable String held;

  private boolean started;
  private boolean ended;
  private long line = 1;

  TextParts(Path file, LineReader lines, int longest) {
    this.file = file;
    this.lines = lines;
    this.longest = longest;
  }

  @Override
  public CorpusReader.@Nullable Part next() throws IOException {
    if (ended) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    long from = line;
    if (held != null) {
      text.append(held);
      line += count(held);
    }
    held = lines.next();
    while (held != null && !isCutBefore(text, held)) {
      text.append(held);
      line += count(held);
      held = lines.next();
    }
    ended = held == null;
    boolean first = !started;
    started = true;
    return new CorpusReader.Part(text.toString(), first, ended, file, from);
  }

  /** Cuts between two white space characters only if it must, so that memory is bounded. */
  private boolean isCutBefore(StringBuilder text, String next) {
    int length = text.length();
    return length >= longest
        && (length >= 2L * longest
            || !Character.isWhitespace(text.charAt(length - 1))
            || !Character.isWhitespace(next.charAt(0)));
  }

  private static int count(String line) {
    return line.endsWith("\n") ? 1 : 0;
  }
}
