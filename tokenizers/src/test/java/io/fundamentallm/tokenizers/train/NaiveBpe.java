package io.fundamentallm.tokenizers.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Hugging Face's do_train step by step with plain collections: slow, but easy to hold against the
 * original (tokenizers/src/models/bpe/trainer.rs, word.rs).
 */
final class NaiveBpe {
  private record Symbol(int id, int length) {}

  private record Pair(int left, int right) {}

  private record Merge(Pair pair, long count, Set<Integer> words, int order) {}

  final List<String> forms = new ArrayList<>();
  final List<String> merges = new ArrayList<>();

  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Pair, Long> counts = new HashMap<>();
  private Map<Pair, Set<Integer>> toUpdate = new LinkedHashMap<>();
  private final PriorityQueue<Merge> queue =
      new PriorityQueue<>(
          Comparator.comparingLong((Merge m) -> -m.count)
              .thenComparingInt(m -> m.pair.left)
              .thenComparingInt(m -> m.pair.right)
              .thenComparingInt(m -> m.order));
  private int order;

  NaiveBpe(Map<String, Long> wordCounts, int vocabSize, long minFrequency, int maxLength) {
    TreeSet<Integer> alphabet = new TreeSet<>();
    wordCounts.keySet().forEach(word -> word.codePoints().forEach(alphabet::add));
    alphabet.forEach(c -> add(Character.toString(c)));
    List<List<Symbol>> words = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    new TreeMap<>(wordCounts)
        .forEach(
            (word, count) -> {
              List<Symbol> symbols = new ArrayList<>();
              word.codePoints()
                  .forEach(c -> symbols.add(new Symbol(ids.get(Character.toString(c)), 1)));
              words.add(symbols);
              times.add(count);
            });
    for (int w = 0; w < words.size(); w++) {
      for (int i = 0; i + 1 < words.get(w).size(); i++) {
        change(words.get(w).get(i).id, words.get(w).get(i + 1).id, times.get(w), w, true);
      }
    }
    drain();
    Map<Pair, Integer> ranks = new LinkedHashMap<>();
    while (forms.size() < vocabSize && !queue.isEmpty()) {
      Merge top = queue.remove();
      long count = counts.get(top.pair);
      if (top.count != count) {
        queue.add(new Merge(top.pair, count, top.words, top.order));
        continue;
      }
      if (count < 1 || minFrequency > count) {
        break;
      }
      int merged = add(forms.get(top.pair.left) + forms.get(top.pair.right));
      ranks.remove(top.pair); // a map keeps the last rank
      ranks.put(top.pair, merged);
      for (int w : top.words) {
        merge(words.get(w), top.pair, merged, maxLength, times.get(w), w);
      }
      drain();
    }
    ranks.forEach((pair, id) -> merges.add(forms.get(pair.left) + " " + forms.get(pair.right)));
  }

  private void merge(
      List<Symbol> word, Pair pair, int merged, int maxLength, long count, int number) {
    for (int i = 0; i + 1 < word.size(); i++) {
      Symbol first = word.get(i);
      Symbol second = word.get(i + 1);
      if (first.id != pair.left || second.id != pair.right) {
        continue;
      }
      Symbol both = new Symbol(merged, first.length + second.length);
      if (i > 0) {
        Symbol before = word.get(i - 1);
        change(before.id, first.id, -count, number, false);
        if (before.length + both.length < maxLength) {
          change(before.id, merged, count, number, true);
        }
      }
      word.set(i, both);
      word.remove(i + 1);
      if (i < word.size() - 1) {
        Symbol after = word.get(i + 1);
        change(second.id, after.id, -count, number, false);
        if (after.length + both.length < maxLength) {
          change(merged, after.id, count, number, true);
        }
      }
    }
  }

  private void change(int left, int right, long count, int word, boolean update) {
    Pair pair = new Pair(left, right);
    counts.merge(pair, count, Long::sum);
    if (update) {
      toUpdate.computeIfAbsent(pair, p -> new LinkedHashSet<>()).add(word);
    }
  }

  private void drain() {
    toUpdate.forEach(
        (pair, words) -> {
          if (counts.get(pair) > 0) {
            queue.add(new Merge(pair, counts.get(pair), words, order++));
          }
        });
    toUpdate = new LinkedHashMap<>();
  }

  private int add(String form) {
    return ids.computeIfAbsent(
        form,
        f -> {
          forms.add(f);
          return forms.size() - 1;
        });
  }
}
