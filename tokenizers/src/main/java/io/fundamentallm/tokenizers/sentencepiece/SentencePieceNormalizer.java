package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.UnigramTrie;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Everything that SentencePiece does to a text before it segments it, as in its {@code
 * normalizer.cc}: the longest match of the charsmap is replaced, user-defined symbols are left
 * alone, spaces are removed, put before the text and written as U+2581. Immutable and thread-safe.
 */
public final class SentencePieceNormalizer implements Normalizer {
  /** Where a step copies its source instead of a replacement. */
  private static final int COPY = -1;

  private static final byte[] PLAIN_SPACE = {' '};

  /** U+2581 lower one eighth block. */
  private static final byte[] ESCAPED_SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

  private final @Nullable PrecompiledCharsmap charsmap;
  private final @Nullable UnigramTrie symbols;
  private final SentencePieceRules rules;
  private final boolean suffix;
  private final byte[] space;

  /** Bytes that are not replaced if the next one is of this kind too. */
  private final boolean[] plain = new boolean[256];

  /**
   * A normalizer.
   *
   * @param symbols the user-defined symbols, or null if there are none
   * @param suffix whether the dummy prefix is put after the text
   */
  SentencePieceNormalizer(SentencePieceRules rules, @Nullable UnigramTrie symbols, boolean suffix) {
    this.rules = rules;
    this.charsmap = rules.charsmap();
    this.symbols = symbols;
    this.suffix = suffix;
    space = rules.escapeWhitespaces() ? ESCAPED_SPACE : PLAIN_SPACE;
    for (int b = 1; b < plain.length; b++) {
      boolean begins = symbols != null && !UnigramTrie.isNone(symbols.next(symbols.root(), b));
      plain[b] = !begins && (charsmap == null || charsmap.plain(b));
    }
  }

  /** The normalizer of a model. */
  public static SentencePieceNormalizer of(SentencePieceModel model) {
    return new SentencePieceNormalizer(
        model.normalizer(), SentencePieceVocabulary.symbols(model), model.whitespaceIsSuffix());
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    out.limitGrowth(in);
    byte[] text = in.bytes();
    int length = in.length();
    int at = rules.removeExtraWhitespaces() ? spacesEnd(text, length) : 0;
    if (at == length) {
      return;
    }
    if (rules.addDummyPrefix() && !suffix) {
      addSpace(out, in.sourceStart(at), in.sourceStart(at));
    }
    boolean afterSpace = rules.removeExtraWhitespaces();
    while (at < length) {
      int end = plainEnd(text, at, length);
      if (end > at) {
        afterSpace = copyPlain(in, at, end, afterSpace, out);
        at = end;
        continue;
      }
      long step = step(text, at, length);
      end = at + (int) (step >>> 32);
      int place = (int) step;
      byte[] source = place == COPY || charsmap == null ? text : charsmap.replacements();
      int from = place == COPY ? at : place;
      int to = place == COPY ? end : end(source, from);
      while (afterSpace && from < to && source[from] == ' ') {
        from++;
      }
      if (from < to) {
        afterSpace = source[to - 1] == ' ' && rules.removeExtraWhitespaces();
        write(source, from, to, in, at, end, place == COPY, out);
      }
      at = end;
    }
    if (rules.removeExtraWhitespaces()) {
      removeTrailing(out);
    }
    if (rules.addDummyPrefix() && suffix) {
      int source = in.sourceEnd(length - 1);
      addSpace(out, source, source);
    }
  }

  private void write(
      byte[] source,
      int from,
      int to,
      TextBuffer in,
      int at,
      int end,
      boolean copy,
      TextBuffer out) {
    for (int i = from; i < to; i++) {
      // a copied byte keeps its own source, a replacement has that of everything it replaces
      int sourceStart = in.sourceStart(copy ? i : at);
      int sourceEnd = in.sourceEnd(copy ? i : end - 1);
      if (source[i] == ' ') {
        addSpace(out, sourceStart, sourceEnd);
      } else {
        out.add(source[i], sourceStart, sourceEnd);
      }
    }
  }

  /**
   * Copies bytes that are plain or spaces; returns whether the last one was a space that counts.
   */
  private boolean copyPlain(TextBuffer in, int at, int end, boolean before, TextBuffer out) {
    byte[] text = in.bytes();
    int spaces = 0;
    for (int i = at; i < end; i++) {
      spaces += text[i] == ' ' ? 1 : 0;
    }
    byte[] to = out.reserve(end - at + spaces * (space.length - 1));
    if (in.tracked()) {
      return copyTracked(in, at, end, before, out);
    }
    boolean removes = rules.removeExtraWhitespaces();
    boolean afterSpace = before;
    int length = out.length();
    for (int i = at; i < end; i++) {
      byte b = text[i];
      if (b != ' ') {
        to[length++] = b;
        afterSpace = false;
      } else if (!afterSpace) {
        for (byte each : space) {
          to[length++] = each;
        }
        afterSpace = removes;
      }
    }
    out.advance(length - out.length(), 0);
    return afterSpace;
  }

  private boolean copyTracked(TextBuffer in, int at, int end, boolean before, TextBuffer out) {
    byte[] text = in.bytes();
    boolean afterSpace = before;
    for (int i = at; i < end; i++) {
      if (text[i] != ' ') {
        out.add(text[i], in.sourceStart(i), in.sourceEnd(i));
        afterSpace = false;
      } else if (!afterSpace) {
        addSpace(out, in.sourceStart(i), in.sourceEnd(i));
        afterSpace = rules.removeExtraWhitespaces();
      }
    }
    return afterSpace;
  }

  private int plainEnd(byte[] text, int from, int to) {
    int at = from;
    while (at < to && plain[text[at] & 0xFF]) {
      at++;
    }
    // with replacements, the last one may combine with what follows
    return charsmap != null && at < to && text[at] < 0 && at > from ? at - 1 : at;
  }

  /**
   * In the upper 32 bits, how much of the text is next; below, its replacement's place, or COPY.
   */
  private long step(byte[] text, int at, int to) {
    if (symbols != null) {
      int symbol = symbols.longestPrefix(text, at, to);
      if (symbol > 0) {
        return (long) symbol << 32 | 0xFFFFFFFFL;
      }
    }
    long match = charsmap == null ? 0 : charsmap.longest(text, at, to);
    return match == 0 ? (long) TextBuffer.sizeAt(text, at) << 32 | 0xFFFFFFFFL : match;
  }

  private int spacesEnd(byte[] text, int to) {
    int at = 0;
    while (at < to) {
      long step = step(text, at, to);
      int place = (int) step;
      int end = at + (int) (step >>> 32);
      byte[] source = place == COPY || charsmap == null ? text : charsmap.replacements();
      int from = place == COPY ? at : place;
      int sourceEnd = place == COPY ? end : end(source, from);
      if (sourceEnd - from != 1 || source[from] != ' ') {
        break;
      }
      at = end;
    }
    return at;
  }

  private static int end(byte[] replacements, int from) {
    int end = from;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    return end;
  }

  private void addSpace(TextBuffer out, int sourceStart, int sourceEnd) {
    for (byte b : space) {
      out.add(b, sourceStart, sourceEnd);
    }
  }

  /** Removes spaces from the end, also those that were U+2581 in the text and the dummy prefix. */
  private void removeTrailing(TextBuffer out) {
    while (endsWithSpace(out)) {
      out.truncate(out.length() - space.length);
    }
  }

  private boolean endsWithSpace(TextBuffer out) {
    int from = out.length() - space.length;
    return from >= 0
        && Arrays.equals(out.bytes(), from, from + space.length, space, 0, space.length);
  }
}
