package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;

/**
 * Cuts words that are too long to learn from at once, such as text in a script without spaces or
 * Base64, so that the time and memory for one word are bounded, and a cancellation is noticed soon.
 */
final class LongWords {
  /** SentencePiece's max_sentence_length, in bytes; it leaves longer sentences out altogether. */
  static final int LONGEST = 4192;

  private LongWords() {}

  /** The same words if none is longer; otherwise longer ones are replaced by their parts. */
  static WordCounts cut(WordCounts words, Cancellation cancellation) {
    int word = 0;
    while (word < words.size() && words.end(word) - words.start(word) <= LONGEST) {
      word++;
    }
    if (word == words.size()) {
      return words;
    }
    WordCounts cut = new WordCounts(1 << 28, 1 << 30); // as large as possible: nothing is dropped
    byte[] pool = words.pool();
    for (word = 0; word < words.size(); word++) {
      cancellation.throwIfCancelled();
      int from = words.start(word);
      int end = words.end(word);
      while (end - from > LONGEST) {
        int to = from + LONGEST;
        while ((pool[to] & 0xC0) == 0x80) { // within a code point
          to--;
        }
        cut.add(pool, from, to, words.count(word));
        from = to;
      }
      cut.add(pool, from, end, words.count(word));
    }
    return cut;
  }
}
