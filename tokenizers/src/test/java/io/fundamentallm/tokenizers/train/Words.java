package io.fundamentallm.tokenizers.train;

import com.google.common.collect.Lists;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.text.LearningListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  /** Merges as merges.txt writes them. */
  static List<String> merges(LearnedBpe learned) {
    return Lists.partition(learned.merges(), 2).stream().map(p -> String.join(" ", p)).toList();
  }

  /** Keeps what it is told. */
  static Learning received(List<String> received) {
    LearningListener listener =
        new LearningListener() {
          @Override
          public void onProgress(String phase, long done, long total) {
            received.add(phase + " " + done + " " + total);
          }
        };
    return new Learning(Cancellation.none(), List.of(listener));
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
