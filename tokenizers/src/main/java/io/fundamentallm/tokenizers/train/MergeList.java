package io.fundamentallm.tokenizers.train;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Merges in the order in which they were made. */
final class MergeList {
  private int[] lefts = new int[256];
  private int[] rights = new int[256];
  private int[] pairs = new int[256];
  private int size;

  void add(int left, int right, int pair) {
    if (size == lefts.length) {
      lefts = Arrays.copyOf(lefts, 2 * size);
      rights = Arrays.copyOf(rights, 2 * size);
      pairs = Arrays.copyOf(pairs, 2 * size);
    }
    lefts[size] = left;
    rights[size] = right;
    pairs[size++] = pair;
  }

  int size() {
    return size;
  }

  /** The forms that are merged, left and right alternating. */
  List<String> forms(GrowingVocabulary vocabulary) {
    return IntStream.range(0, 2 * size)
        .mapToObj(i -> vocabulary.form(i % 2 == 0 ? lefts[i / 2] : rights[i / 2]))
        .toList();
  }

  /**
   * The same with each pair once, at its last place, as in Hugging Face's trainer, which finally
   * puts the merges into a map.
   */
  MergeList withoutRepeats() {
    BitSet seen = new BitSet();
    BitSet last = new BitSet(size);
    for (int i = size - 1; i >= 0; i--) {
      last.set(i, !seen.get(pairs[i]));
      seen.set(pairs[i]);
    }
    MergeList all = new MergeList();
    for (int i = last.nextSetBit(0); i >= 0; i = last.nextSetBit(i + 1)) {
      all.add(lefts[i], rights[i], pairs[i]);
    }
    return all;
  }
}
