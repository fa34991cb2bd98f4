package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Normalization;
import java.util.Arrays;

/**
 * A stretch of text on its way to a normalization form. Sources go by position, as in the crate
 * unicode-normalization-alignments and Hugging Face's NormalizedString: each character of the
 * result records how many characters of the text it takes, and takes those that come next, even
 * where marks were reordered. Reused; one thread at a time.
 */
final class Stretch {
  /** No character decomposes into more (U+FDFA). */
  private static final int LONGEST = 18;

  /** Up to this many marks are sorted by insertion. */
  private static final int FEW = 24;

  private int[] characters = new int[64];
  private int[] classes = new int[64];

  /** How many characters of the text a character takes; 0: it shares the last one's source. */
  private int[] taken = new int[64];

  private int length;

  /** Appends the normalized {@code in[from, to)}, which begins and ends beside inert characters. */
  void rewrite(
      TextBuffer in, int from, int to, boolean compose, boolean compatible, TextBuffer out) {
    length = 0;
    byte[] bytes = in.bytes();
    for (int i = from; i < to; i += TextBuffer.sizeAt(bytes, i)) {
      reserve();
      decompose(TextBuffer.codePointAt(bytes, i), compatible);
    }
    sort();
    if (compose) {
      compose();
    }
    write(in, from, out);
  }

  private void reserve() {
    if (length + LONGEST > characters.length) {
      int size = characters.length * 2;
      characters = Arrays.copyOf(characters, size);
      classes = Arrays.copyOf(classes, size);
      taken = Arrays.copyOf(taken, size);
    }
  }

  private void decompose(int c, boolean compatible) {
    int count = hangul(c);
    if (count == 0) {
      count = Normalization.decompose(c, compatible, characters, length);
    }
    if (count == 0) {
      characters[length] = c;
      count = 1;
    }
    for (int i = 0; i < count; i++) {
      classes[length] = Normalization.combiningClass(characters[length]);
      taken[length++] = i == 0 ? 1 : 0;
    }
  }

  private int hangul(int c) {
    int s = c - Normalization.HANGUL;
    if (s < 0 || s >= Normalization.HANGULS) {
      return 0;
    }
    int lv = s / Normalization.HANGUL_TS;
    int t = s % Normalization.HANGUL_TS;
    characters[length] = Normalization.HANGUL_L + lv / Normalization.HANGUL_VS;
    characters[length + 1] = Normalization.HANGUL_V + lv % Normalization.HANGUL_VS;
    characters[length + 2] = Normalization.HANGUL_T + t;
    return t == 0 ? 2 : 3;
  }

  /** Sorts each run of marks by combining class. */
  private void sort() {
    for (int i = 0; i < length; i++) {
      if (classes[i] != 0) {
        int from = i;
        while (i < length && classes[i] != 0) {
          i++;
        }
        if (i - from <= FEW) {
          sortFew(from, i);
        } else {
          sortMany(from, i);
        }
      }
    }
  }

  private void sortFew(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      int character = characters[i];
      int order = classes[i];
      int take = taken[i];
      int k = i;
      for (; k > from && classes[k - 1] > order; k--) {
        characters[k] = characters[k - 1];
        classes[k] = classes[k - 1];
        taken[k] = taken[k - 1];
      }
      characters[k] = character;
      classes[k] = order;
      taken[k] = take;
    }
  }

  /** By counting, so that no text takes quadratic time. */
  private void sortMany(int from, int to) {
    int[] next = new int[257];
    for (int i = from; i < to; i++) {
      next[classes[i] + 1]++;
    }
    for (int order = 0; order < 256; order++) {
      next[order + 1] += next[order];
    }
    int[] oldCharacters = Arrays.copyOfRange(characters, from, to);
    int[] oldClasses = Arrays.copyOfRange(classes, from, to);
    int[] oldTaken = Arrays.copyOfRange(taken, from, to);
    for (int i = 0; i < to - from; i++) {
      int at = from + next[oldClasses[i]]++;
      characters[at] = oldCharacters[i];
      classes[at] = oldClasses[i];
      taken[at] = oldTaken[i];
    }
  }

  /** The canonical composition algorithm (The Unicode Standard, D117). */
  private void compose() {
    int kept = 0;
    int starter = -1;
    int last = -1;
    for (int i = 0; i < length; i++) {
      int order = classes[i];
      if (starter >= 0 && last < order) {
        int composed = Normalization.compose(characters[starter], characters[i]);
        if (composed >= 0) {
          characters[starter] = composed;
          taken[starter] += taken[i];
          continue;
        }
      }
      if (order == 0) {
        starter = kept;
        last = -1;
      } else {
        last = order;
      }
      characters[kept] = characters[i];
      classes[kept] = order;
      taken[kept++] = taken[i];
    }
    length = kept;
  }

  private void write(TextBuffer in, int from, TextBuffer out) {
    byte[] bytes = in.bytes();
    int at = from;
    for (int i = 0; i < length; i++) {
      if (!in.tracked()) {
        out.addCodePoint(characters[i], 0, 0);
        continue;
      }
      int source = taken[i] > 0 ? at : Math.max(at - 1, 0);
      int start = in.sourceStart(source);
      // with no source to share, its range is empty
      int end = taken[i] == 0 && at == 0 ? start : in.sourceEnd(source);
      out.addCodePoint(characters[i], start, end);
      for (int k = 0; k < taken[i]; k++) {
        at += TextBuffer.sizeAt(bytes, at);
      }
    }
  }
}
