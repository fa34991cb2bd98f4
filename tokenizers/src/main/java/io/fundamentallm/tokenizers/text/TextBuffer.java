package io.fundamentallm.tokenizers.text;

import java.util.Arrays;

/**
 * Well-formed UTF-8, and on request the source of each byte: the range of bytes of the original
 * text that it stands for. All bytes of a character have the same source, as in Hugging Face's
 * NormalizedString. Grows and is reused; one thread at a time.
 */
public final class TextBuffer {
  /**
   * What the rules of a file may make of a text: the most that Unicode's own do is eleven bytes of
   * one (U+FDFA in NFKC), and some put a few words before it.
   */
  private static final int MOST_OF_A_BYTE = 32;

  private static final int MOST_OF_NOTHING = 1 << 12;

  private static final int UNLIMITED = Integer.MAX_VALUE - 8;

  private byte[] bytes = new byte[256];
  private int length;
  private int limit = UNLIMITED;
  private boolean tracked;
  private final char[] chars = new char[1024];

  /** Sources of the bytes; only while tracked. */
  private int[] sourceStarts = {};

  private int[] sourceEnds = {};

  /** Empties the buffer. */
  public void clear(boolean tracked) {
    length = 0;
    limit = UNLIMITED;
    this.tracked = tracked;
  }

  /**
   * Refuses, until it is cleared, to take much more than a text that is rewritten into it. A text
   * that was rewritten itself passes its own limit on, so that rules in a row, each of which may
   * double a text, have one limit together.
   */
  public void limitGrowth(TextBuffer in) {
    long most = MOST_OF_NOTHING + (long) MOST_OF_A_BYTE * in.length;
    limit = in.limit < UNLIMITED ? in.limit : (int) Math.min(UNLIMITED, most);
  }

  /** The array that holds the text from 0; longer than it, and another one after growth. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes the text has. */
  public int length() {
    return length;
  }

  /** Whether sources are kept. */
  public boolean tracked() {
    return tracked;
  }

  /**
   * The array, with room for this many more bytes after {@link #length()}; for callers that write
   * many at once and then call {@link #advance}.
   *
   * @throws IllegalArgumentException when the text grows beyond its limit
   */
  public byte[] reserve(int more) {
    if (more > limit - length) {
      throw new IllegalArgumentException(
          "the tokenizer's rules make more than " + limit + " bytes of a text, too many for it");
    }
    int needed = length + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(UNLIMITED, length * 3L / 2)));
    }
    if (tracked && sourceStarts.length < bytes.length) {
      sourceStarts = Arrays.copyOf(sourceStarts, bytes.length);
      sourceEnds = Arrays.copyOf(sourceEnds, bytes.length);
    }
    return bytes;
  }

  /**
   * Records how many bytes were written into {@link #reserve}; each is its own source, from this
   * one on.
   */
  public void advance(int written, int source) {
    if (tracked) {
      // the bytes of a character share its range
      for (int i = length; i < length + written; ) {
        int size = sizeAt(bytes, i);
        int start = source + (i - length);
        for (int k = i; k < Math.min(i + size, length + written); k++) {
          sourceStarts[k] = start;
          sourceEnds[k] = start + size;
        }
        i += size;
      }
    }
    length += written;
  }

  /** Removes everything from this place on. */
  public void truncate(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "a text of " + this.length + " bytes cannot be cut to " + length);
    }
    this.length = length;
  }

  /** Adds one byte with its source. */
  public void add(int b, int sourceStart, int sourceEnd) {
    byte[] buffer = reserve(1);
    buffer[length] = (byte) b;
    if (tracked) {
      sourceStarts[length] = sourceStart;
      sourceEnds[length] = sourceEnd;
    }
    length++;
  }

  /** Adds a code point, all bytes with one source. */
  public void addCodePoint(int c, int sourceStart, int sourceEnd) {
    if (c < 0x80) {
      add(c, sourceStart, sourceEnd);
    } else if (c < 0x800) {
      add(0xC0 | c >> 6, sourceStart, sourceEnd);
      add(0x80 | (c & 0x3F), sourceStart, sourceEnd);
    } else if (c < 0x10000) {
      add(0xE0 | c >> 12, sourceStart, sourceEnd);
      add(0x80 | (c >> 6 & 0x3F), sourceStart, sourceEnd);
      add(0x80 | (c & 0x3F), sourceStart, sourceEnd);
    } else {
      add(0xF0 | c >> 18, sourceStart, sourceEnd);
      add(0x80 | (c >> 12 & 0x3F), sourceStart, sourceEnd);
      add(0x80 | (c >> 6 & 0x3F), sourceStart, sourceEnd);
      add(0x80 | (c & 0x3F), sourceStart, sourceEnd);
    }
  }

  /** Adds a part of another buffer with its sources. */
  public void add(TextBuffer other, int from, int to) {
    byte[] buffer = reserve(to - from);
    System.arraycopy(other.bytes, from, buffer, length, to - from);
    if (tracked) {
      System.arraycopy(other.sourceStarts, from, sourceStarts, length, to - from);
      System.arraycopy(other.sourceEnds, from, sourceEnds, length, to - from);
    }
    length += to - from;
  }

  /** Where in the original text the source of a byte begins; 0 if sources are not kept. */
  public int sourceStart(int index) {
    return tracked ? sourceStarts[index] : 0;
  }

  /** Where in the original text the source of a byte ends; 0 if sources are not kept. */
  public int sourceEnd(int index) {
    return tracked ? sourceEnds[index] : 0;
  }

  /**
   * Adds a part of a text; a lone surrogate as U+FFFD. Each character is its own source, this many
   * bytes from the beginning of the original text.
   */
  public void add(String text, int from, int to, int source) {
    int begin = length;
    for (int at = from; at < to; ) {
      int end = Math.min(at + chars.length, to);
      if (end < to && Character.isHighSurrogate(text.charAt(end - 1))) {
        end--; // not between the halves of a pair
      }
      text.getChars(at, end, chars, 0);
      length = encode(end - at, reserve(3 * (end - at)), length);
      at = end;
    }
    int written = length - begin;
    length = begin;
    advance(written, source);
  }

  private int encode(int count, byte[] out, int n) {
    char[] in = chars;
    int i = 0;
    while (i < count) {
      // the common case without a branch for each character
      while (i + 8 <= count
          && (in[i] | in[i + 1] | in[i + 2] | in[i + 3] | in[i + 4] | in[i + 5] | in[i + 6]
                  | in[i + 7])
              < 0x80) {
        for (int k = 0; k < 8; k++) {
          out[n + k] = (byte) in[i + k];
        }
        i += 8;
        n += 8;
      }
      for (int stop = Math.min(count, i + 8); i < stop; i++) {
        int c = in[i];
        if (c < 0x80) {
          out[n++] = (byte) c;
        } else if (c < 0x800) {
          out[n++] = (byte) (0xC0 | (c >> 6));
          out[n++] = (byte) (0x80 | (c & 0x3F));
        } else if (c >= 0xD800 && c < 0xDC00 && i + 1 < count && in[i + 1] >>> 10 == 0x37) {
          c = Character.toCodePoint((char) c, in[++i]);
          out[n++] = (byte) (0xF0 | (c >> 18));
          out[n++] = (byte) (0x80 | (c >> 12 & 0x3F));
          out[n++] = (byte) (0x80 | (c >> 6 & 0x3F));
          out[n++] = (byte) (0x80 | (c & 0x3F));
        } else {
          c = c >>> 11 == 0x1B ? 0xFFFD : c;
          out[n++] = (byte) (0xE0 | (c >> 12));
          out[n++] = (byte) (0x80 | (c >> 6 & 0x3F));
          out[n++] = (byte) (0x80 | (c & 0x3F));
        }
      }
    }
    return n;
  }

  /** The code point that begins at an index of well-formed UTF-8. */
  public static int codePointAt(byte[] text, int index) {
    int b = text[index];
    if (b >= 0) {
      return b;
    }
    if ((b & 0xE0) == 0xC0) {
      return (b & 0x1F) << 6 | (text[index + 1] & 0x3F);
    }
    if ((b & 0xF0) == 0xE0) {
      return (b & 0xF) << 12 | (text[index + 1] & 0x3F) << 6 | (text[index + 2] & 0x3F);
    }
    return (b & 7) << 18
        | (text[index + 1] & 0x3F) << 12
        | (text[index + 2] & 0x3F) << 6
        | (text[index + 3] & 0x3F);
  }

  /** How many bytes the character at an index of well-formed UTF-8 has. */
  public static int sizeAt(byte[] text, int index) {
    int b = text[index];
    return b >= 0 ? 1 : (b & 0xE0) == 0xC0 ? 2 : (b & 0xF0) == 0xE0 ? 3 : 4;
  }

  /** How many bytes a code point has. */
  public static int size(int codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
}
