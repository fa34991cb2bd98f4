package io.fundamentallm.tokenizers.train;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Documents line by line, each line with its newline, as Hugging Face's trainers read files: white
 * space is cut differently at the end of a text than within it, so whole documents would give
 * different word counts. A document of one line is given as it is. As in {@link
 * io.fundamentallm.text.TextLines}, a line of more than {@value #LONGEST} characters comes in
 * parts, each but the first beginning with its space if there is one. Iterates as often as the
 * documents do.
 */
public final class DocumentLines implements Iterable<CharSequence> {
  static final int LONGEST = 1 << 20;

  private final Iterable<? extends CharSequence> documents;

  /** The lines of these documents. */
  public DocumentLines(Iterable<? extends CharSequence> documents) {
    this.documents = documents;
  }

  @Override
  public Iterator<CharSequence> iterator() {
    return new Lines(documents.iterator());
  }

  private static final class Lines implements Iterator<CharSequence> {
    private final Iterator<? extends CharSequence> documents;
    private @Nullable CharSequence document;
    private int at;

    Lines(Iterator<? extends CharSequence> documents) {
      this.documents = documents;
    }

    @Override
    public boolean hasNext() {
      while (document == null || at == document.length()) {
        if (!documents.hasNext()) {
          return false;
        }
        document = documents.next();
        at = 0;
      }
      return true;
    }

    @Override
    public CharSequence next() {
      CharSequence text = document;
      if (!hasNext() || (text = document) == null) {
        throw new NoSuchElementException("there are no more lines");
      }
      int from = at;
      at = end(text, from);
      return from == 0 && at == text.length() ? text : text.subSequence(from, at);
    }

    private static int end(CharSequence text, int from) {
      int stop = (int) Math.min(text.length(), (long) from + LONGEST);
      for (int i = from; i < stop; i++) {
        if (text.charAt(i) == '\n') {
          return i + 1;
        }
      }
      if (stop == text.length()) {
        return stop;
      }
      for (int i = stop - 1; i > from; i--) {
        if (text.charAt(i) == ' ' || text.charAt(i) == '\t') {
          return i;
        }
      }
      return Character.isSurrogatePair(text.charAt(stop - 1), text.charAt(stop)) ? stop - 1 : stop;
    }
  }
}
