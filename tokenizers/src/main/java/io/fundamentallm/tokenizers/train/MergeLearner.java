package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Byte pair encoding (Sennrich et al. 2016): merges the most frequent pair of neighbours, again and
 * again. The rules are Hugging Face's (tokenizers/src/models/bpe/trainer.rs and word.rs), the
 * counts are kept up to date as in subword-nmt (learn_bpe.py): a merge changes only the counts of
 * its neighbours. Each candidate in the queue has the places where its pair appeared; places and
 * counts are checked when it is taken, not when they change.
 *
 * <p>As there, a pair's own merge does not reduce its count. A pair that reappears later, which
 * takes two ways to spell one token, is a candidate again, with its new places.
 */
final class MergeLearner {
  /** Merges between two checks of the cancellation. */
  private static final int STRIDE = 1 << 12;

  private final SymbolText text;
  private final GrowingVocabulary forms;
  private final BpeSettings settings;

  private final PairCounts pairs = new PairCounts();
  private final MergeQueue queue = new MergeQueue();

  /** The candidates: the number of the pair, and which of the places belong to it. */
  private int[] candidatePairs = new int[1 << 10];

  private int[] candidateStarts = new int[1 << 10]; // [candidates + 1]
  private int candidates;
  private int[] places = {};

  /** The pairs that this round produced, and for each pair its index there plus one. */
  private long[] roundKeys = new long[64];

  private int[] roundPairs = new int[64];
  private int[] roundSizes = new int[64];
  private int roundCount;
  private int[] roundOf = {};

  /** Where they appeared. */
  private int[] newPlaces = new int[64];

  private int[] newRounds = new int[64];
  private int newCount;

  /** How many units each token has; only while that is limited. */
  private int[] unitCounts = {};

  private final MergeList merges = new MergeList();

  MergeLearner(SymbolText text, GrowingVocabulary forms, BpeSettings settings) {
    this.text = text;
    this.forms = forms;
    this.settings = settings;
  }

  /** Merges until the vocabulary is full or no pair is frequent enough. */
  MergeList learn(Learning learning) {
    Cancellation cancellation = learning.cancellation();
    countPairs(cancellation);
    if (settings.maxTokenLength() != Integer.MAX_VALUE) {
      unitCounts = new int[Math.max(settings.vocabSize(), forms.size()) + 1];
      Arrays.fill(unitCounts, 0, forms.size(), 1);
    }
    while (forms.size() < settings.vocabSize() && !queue.isEmpty()) {
      cancellation.throwIfCancelled();
      int candidate = queue.top();
      int pair = candidatePairs[candidate];
      long count = pairs.count(pair);
      if (count != queue.topCount()) {
        queue.lowerTop(count);
        continue;
      }
      if (count < Math.max(1, settings.minFrequency())) {
        break;
      }
      long key = queue.topKey();
      queue.pop();
      int left = (int) (key >>> 32);
      int right = (int) key;
      int merged = forms.add(merged(left, right));
      if (unitCounts.length > 0) {
        unitCounts[merged] = unitCounts[left] + unitCounts[right];
      }
      merges.add(left, right, pair);
      merge(candidate, left, right, merged, cancellation);
      queueRound();
      if ((merges.size() & 0xFF) == 0) {
        learning.onProgress("learn merges", forms.size(), settings.vocabSize());
      }
    }
    learning.onProgress("learn merges", forms.size(), forms.size());
    return merges.withoutRepeats();
  }

  private String merged(int left, int right) {
    String prefix = settings.prefix();
    String tail = forms.form(right);
    return forms.form(left) + (tail.startsWith(prefix) ? tail.substring(prefix.length()) : tail);
  }

  private void merge(int candidate, int left, int right, int merged, Cancellation cancellation) {
    int end = candidateStarts[candidate + 1];
    for (int i = candidateStarts[candidate]; i < end; i++) {
      if ((i & STRIDE - 1) == 0) {
        cancellation.throwIfCancelled();
      }
      int place = places[i];
      if (text.symbol(place) != left) {
        continue;
      }
      int other = text.next(place);
      if (text.symbol(other) != right) {
        continue;
      }
      long count = text.count(place);
      int previous = text.previous(place);
      int before = text.symbol(previous);
      if (before != SymbolText.BOUNDARY) {
        pairs.add(pairNumber(before, left), -count);
        if (fits(before, merged)) {
          addPair(before, merged, previous, count);
        }
      }
      int after = text.symbol(text.next(other));
      if (after != SymbolText.BOUNDARY) {
        pairs.add(pairNumber(right, after), -count);
        if (fits(merged, after)) {
          addPair(merged, after, place, count);
        }
      }
      text.merge(place, other, merged);
    }
  }

  /** Hugging Face's Word::merge compares with "less than", and the first pairs not at all. */
  private boolean fits(int left, int right) {
    return unitCounts.length == 0
        || unitCounts[left] + unitCounts[right] < settings.maxTokenLength();
  }

  private int pairNumber(int left, int right) {
    return pairs.number(PairCounts.key(left, right));
  }

  private void addPair(int left, int right, int place, long count) {
    long key = PairCounts.key(left, right);
    int pair = pairs.number(key);
    pairs.add(pair, count);
    if (pair >= roundOf.length) {
      roundOf = Arrays.copyOf(roundOf, Math.max(pair + 1, 2 * roundOf.length));
    }
    if (roundOf[pair] == 0) {
      if (roundCount == roundKeys.length) {
        roundKeys = Arrays.copyOf(roundKeys, 2 * roundCount);
        roundPairs = Arrays.copyOf(roundPairs, 2 * roundCount);
        roundSizes = Arrays.copyOf(roundSizes, 2 * roundCount);
      }
      roundKeys[roundCount] = key;
      roundPairs[roundCount] = pair;
      roundSizes[roundCount] = 0;
      roundOf[pair] = ++roundCount;
    }
    int round = roundOf[pair] - 1;
    roundSizes[round]++;
    if (newCount == newPlaces.length) {
      newPlaces = Arrays.copyOf(newPlaces, 2 * newCount);
      newRounds = Arrays.copyOf(newRounds, 2 * newCount);
    }
    newPlaces[newCount] = place;
    newRounds[newCount++] = round;
  }

  /** Turns the pairs that this round produced into candidates. */
  private void queueRound() {
    int end = candidateStarts[candidates];
    for (int round = 0; round < roundCount; round++) {
      int pair = roundPairs[round];
      roundOf[pair] = 0;
      if (pairs.count(pair) > 0) {
        newCandidate(pair, end);
        queue.push(pairs.count(pair), roundKeys[round], candidates - 1);
        int size = roundSizes[round];
        roundSizes[round] = end; // where its next place goes
        end = Math.addExact(end, size);
      } else {
        roundSizes[round] = -1;
      }
    }
    candidateStarts[candidates] = end;
    if (end > places.length) {
      places =
          Arrays.copyOf(places, (int) Math.min(end + (long) (end >> 1), Integer.MAX_VALUE - 8));
    }
    for (int i = 0; i < newCount; i++) {
      int at = roundSizes[newRounds[i]];
      if (at >= 0) {
        places[at] = newPlaces[i];
        roundSizes[newRounds[i]] = at + 1;
      }
    }
    roundCount = 0;
    newCount = 0;
  }

  private void newCandidate(int pair, int start) {
    if (candidates + 1 == candidateStarts.length) {
      int capacity = candidates + (candidates >> 1);
      candidatePairs = Arrays.copyOf(candidatePairs, capacity);
      candidateStarts = Arrays.copyOf(candidateStarts, capacity);
    }
    candidatePairs[candidates] = pair;
    candidateStarts[candidates++] = start;
  }

  /** Counts all pairs, then sorts their places by pair. */
  private void countPairs(Cancellation cancellation) {
    int length = text.length();
    for (int place = 0; place + 1 < length; place++) {
      if ((place & STRIDE - 1) == 0) {
        cancellation.throwIfCancelled();
      }
      if (isPair(place)) {
        int pair = pairNumber(text.symbol(place), text.symbol(place + 1));
        pairs.add(pair, text.count(place));
        sizeOf(pair);
      }
    }
    int end = 0;
    for (int pair = 0; pair < pairs.size(); pair++) {
      newCandidate(pair, end);
      end += roundOf[pair];
      roundOf[pair] = candidateStarts[pair];
    }
    candidateStarts[candidates] = end;
    places = new int[end];
    BitSet queued = new BitSet(candidates);
    for (int place = 0; place + 1 < length; place++) {
      if (isPair(place)) {
        long key = PairCounts.key(text.symbol(place), text.symbol(place + 1));
        int pair = pairs.number(key);
        places[roundOf[pair]++] = place;
        if (!queued.get(pair)) {
          queued.set(pair);
          queue.push(pairs.count(pair), key, pair);
        }
      }
    }
    Arrays.fill(roundOf, 0);
  }

  private void sizeOf(int pair) {
    if (pair >= roundOf.length) {
      roundOf = Arrays.copyOf(roundOf, Math.max(64, 2 * pair));
    }
    roundOf[pair]++;
  }

  private boolean isPair(int place) {
    return text.symbol(place) != SymbolText.BOUNDARY
        && text.symbol(place + 1) != SymbolText.BOUNDARY;
  }
}
