package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import java.util.Arrays;

/**
 * The different words as code points in one array, each followed by {@link MultikeySort#SEPARATOR}.
 * Words are numbered in alphabetical order, so that sums over them do not depend on the order in
 * which they appeared.
 */
final class WordText {
  private final WordCounts words;
  private final int[] text;
  private final int[] starts; // [words], alphabetical
  private final int[] unsorted; // [words], as counted
  private final int[] numbers; // [words], of the counts
  private final int[] ends; // [words], as counted

  WordText(WordCounts words, Cancellation cancellation) {
    this.words = words;
    int size = words.size();
    int characters = 0;
    byte[] pool = words.pool();
    for (int i = 0; i < words.bytes(); i++) {
      if ((pool[i] & 0xC0) != 0x80) {
        characters++;
      }
    }
    text = new int[Math.addExact(characters, size)];
    unsorted = new int[size];
    ends = new int[size];
    int[] word = {};
    int at = 0;
    for (int w = 0; w < size; w++) {
      int bytes = words.end(w) - words.start(w);
      if (word.length < bytes) {
        word = new int[2 * bytes];
      }
      unsorted[w] = at;
      int count = Units.CHARACTERS.read(pool, words.start(w), words.end(w), word);
      System.arraycopy(word, 0, text, at, count);
      at += count;
      ends[w] = at;
      text[at++] = MultikeySort.SEPARATOR;
    }
    starts = unsorted.clone();
    new MultikeySort(text, Integer.MAX_VALUE, cancellation).sort(starts);
    numbers = new int[size];
    for (int w = 0; w < size; w++) {
      numbers[w] = Arrays.binarySearch(unsorted, starts[w]);
    }
  }

  int[] text() {
    return text;
  }

  int size() {
    return starts.length;
  }

  /** Where a word starts in the text. */
  int start(int word) {
    return starts[word];
  }

  /** Where a word ends in the text. */
  int end(int word) {
    return ends[numbers[word]];
  }

  /** How often a word was seen. */
  long count(int word) {
    return words.count(numbers[word]);
  }

  /** How often the word that starts there in the text was seen. */
  long countFrom(int start) {
    return words.count(Arrays.binarySearch(unsorted, start));
  }
}
