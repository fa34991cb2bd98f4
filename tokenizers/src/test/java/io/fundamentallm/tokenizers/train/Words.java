package io.fundamentallm.tokenizers.train;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Word counts for tests. */
final class Words {
  private Words() {}

  static WordCounts of(Map<String, Long> counts) {
    WordCounts words = new WordCounts();
    counts.forEach((word, count) -> add(words, word, count));
    return words;
  }

  static void add(WordCounts words, String word, long count) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    words.add(bytes, 0, bytes.length, count);
  }

  static Map<String, Long> map(WordCounts words) {
    Map<String, Long> map = new TreeMap<>();
    for (int i = 0; i < words.size(); i++) {
      int start = words.start(i);
      map.put(
          new String(words.pool(), start, words.end(i) - start, StandardCharsets.UTF_8),
          words.count(i));
    }
    return map;
  }
}
