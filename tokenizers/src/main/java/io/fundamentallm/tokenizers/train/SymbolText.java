package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/**
 * All different words one after the other, as symbols that become fewer as pairs are merged, in one
 * array and without moving anything: a symbol stays where its first unit was. The places of its
 * other units hold its length, negative, at least in the second and the last place (boundary tags,
 * as memory allocators have them; Knuth, The Art of Computer Programming 1, 2.5), so that both
 * neighbours of any symbol are found at once. {@link #BOUNDARY} separates words.
 */
final class SymbolText {
  /** What is before, between and after words. */
  static final int BOUNDARY = Integer.MAX_VALUE;

  /** Places that share one remembered word, so that a place's word is found near it. */
  private static final int BLOCK = 5;

  private final WordCounts words;
  private final int length;
  private final int[] symbols;
  private final int[] wordStarts; // [words + 1]
  private final int[] wordAt;

  /** The words as units of this alphabet. */
  SymbolText(WordCounts words, Units units, Alphabet alphabet) {
    this.words = words;
    int size = words.size();
    int[] text = new int[Math.addExact(Math.addExact(words.bytes(), size), 1)];
    wordStarts = new int[size + 1];
    int[] word = {};
    int at = 0;
    text[at++] = BOUNDARY;
    for (int w = 0; w < size; w++) {
      int start = words.start(w);
      int end = words.end(w);
      if (word.length < end - start) {
        word = new int[2 * (end - start)];
      }
      int count = alphabet.encode(word, units.read(words.pool(), start, end, word));
      wordStarts[w] = at;
      System.arraycopy(word, 0, text, at, count);
      at += count;
      text[at++] = BOUNDARY;
    }
    wordStarts[size] = at;
    length = at;
    symbols = at < text.length / 4 * 3 ? Arrays.copyOf(text, at) : text;
    wordAt = new int[(at >> BLOCK) + 1];
    for (int block = 0, w = 0; block < wordAt.length; block++) {
      while (w + 1 < size && wordStarts[w + 1] <= block << BLOCK) {
        w++;
      }
      wordAt[block] = w;
    }
  }

  /** How many places there are. */
  int length() {
    return length;
  }

  /** The symbol that begins at a place; {@link #BOUNDARY}, or negative if none begins. */
  int symbol(int place) {
    return symbols[place];
  }

  /** Where the symbol after the one at this place begins. */
  int next(int place) {
    int tag = symbols[place + 1];
    return tag < 0 ? place - tag : place + 1;
  }

  /** Where the symbol before the one at this place begins. */
  int previous(int place) {
    int tag = symbols[place - 1];
    return tag < 0 ? place + tag : place - 1;
  }

  /** Replaces the symbol at this place and the next one, which begins at the other, with one. */
  void merge(int place, int other, int symbol) {
    int end = next(other);
    int tag = place - end;
    symbols[place] = symbol;
    symbols[place + 1] = tag;
    symbols[other] = tag;
    symbols[end - 1] = tag;
  }

  /** How often the word that a place belongs to was seen. */
  long count(int place) {
    int word = wordAt[place >> BLOCK];
    while (wordStarts[word + 1] <= place) {
      word++;
    }
    return words.count(word);
  }
}
