package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import java.util.Arrays;

/**
 * Cuts each document by itself, from its beginning on; its last window may be short. The tokens are
 * read once to find where windows begin. Only one beginning in {@link #INTERVAL} is remembered, so
 * that a billion windows take a hundred megabytes; the others are found again from there.
 *
 * <p>The ends of documents are found by the begin and end tokens that {@link
 * io.fundamentallm.training.TrainingData#ofDocuments} puts around each. A document goes up to and
 * including its end token, or up to the next begin token; one token that is both belongs to both
 * documents around it. Without such tokens everything is one document. One thread at a time.
 */
final class DocumentCut implements Windows.Cut {
  /** Windows from one remembered beginning to the next. */
  private static final int INTERVAL = 64;

  /** Tokens read at once, and those of a window. */
  private static final int AHEAD = 1 << 13;

  private static final int NONE = -1;

  private final TokenSequence tokens;
  private final int length;
  private final int begin;
  private final int end;
  private final long count;

  /** The beginnings of windows 0, APART, 2·APART… */
  private long[] remembered = new long[16];

  private final int[] ahead;
  private long aheadFrom;
  private long aheadTo;

  /** Windows of {@code length} inputs. */
  DocumentCut(TokenSequence tokens, int length, Vocabulary vocabulary) {
    this.tokens = tokens;
    this.length = length;
    begin = vocabulary.bos().orElse(NONE);
    end = vocabulary.eos().orElse(NONE);
    ahead = new int[AHEAD + length + 1];
    long found = 0;
    for (long at = first(0); at < tokens.size(); at = first(next(at))) {
      if (found % INTERVAL == 0) {
        remember(found / INTERVAL, at);
      }
      found++;
    }
    count = found;
  }

  private void remember(long index, long at) {
    if (index == remembered.length) {
      remembered = Arrays.copyOf(remembered, remembered.length * 2);
    }
    remembered[(int) index] = at;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public long start(long window) {
    long at = remembered[Math.toIntExact(window / INTERVAL)];
    for (long i = window % INTERVAL; i > 0; i--) {
      at = first(next(at));
    }
    return at;
  }

  @Override
  public int extent(int[] from, int available) {
    return extent(from, 0, available);
  }

  /** The first beginning from here on that has something to predict after it. */
  private long first(long at) {
    while (at < tokens.size() && extent(ahead, load(at), available(at)) < 2) {
      at = next(at);
    }
    return at;
  }

  private long next(long at) {
    int offset = load(at);
    int available = available(at);
    return at + step(ahead, offset, available, extent(ahead, offset, available));
  }

  private int available(long at) {
    return (int) Math.min(length + 1L, tokens.size() - at);
  }

  /** Reads the tokens of a window, unless they are loaded; returns where they are. */
  private int load(long at) {
    if (at < aheadFrom || at + available(at) > aheadTo) {
      int count = (int) Math.min(ahead.length, tokens.size() - at);
      tokens.read(at, ahead, 0, count);
      aheadFrom = at;
      aheadTo = at + count;
    }
    return (int) (at - aheadFrom);
  }

  /**
   * How many of {@code count} tokens, at least one, belong to the document that the first of them
   * is in.
   */
  private int extent(int[] tokens, int offset, int count) {
    for (int i = 0; i < count; i++) {
      int token = tokens[offset + i];
      if (isLast(token, i == 0)) {
        return i + 1;
      }
      if (i > 0 && token == begin) {
        return i;
      }
    }
    return count;
  }

  /**
   * How far after the first of {@code count} tokens, of which {@code extent} belong to its
   * document, the next window begins: with the next document, or with the last target, which is
   * then an input.
   */
  private int step(int[] tokens, int offset, int count, int extent) {
    int token = tokens[offset + extent - 1];
    if (isLast(token, extent == 1)) {
      return token == begin ? extent - 1 : extent;
    }
    return extent < count ? extent : Math.max(1, count - 1);
  }

  private boolean isLast(int token, boolean first) {
    return token == end && !(first && token == begin);
  }
}
