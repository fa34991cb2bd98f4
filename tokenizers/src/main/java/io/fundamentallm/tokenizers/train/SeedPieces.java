package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import java.util.Arrays;

/**
 * The pieces that a Unigram training begins with: all characters, and the substrings that occur
 * more than once among the different words and are not always followed by the same character (the
 * inner nodes of the suffix tree, which esaxx enumerates for SentencePiece and Hugging Face), the
 * best by occurrences times length. As in Hugging Face's make_seed_sentence_pieces
 * (tokenizers/src/models/unigram/trainer.rs), a substring's occurrences are counted once for each
 * word, a character's as often as the word was seen.
 *
 * <p>In one way this finds more. There the end of a word counts as the same character that always
 * follows, so a string that occurs only at ends of words is not a seed, and neither is a frequent
 * word that is not part of another; texts cut at spaces and punctuation lose their most frequent
 * words that way. Here both are seeds, a whole word by how often it was seen; how many tokens that
 * saves depends on how much of the text such words make up.
 */
final class SeedPieces {
  private final WordText words;
  private final int[] text;
  private final int maxLength;
  private final int[] suffixes;

  /** The substrings found: where one occurs, its length, its score, and its order. */
  private int[] starts = new int[1 << 10];

  private int[] lengths = new int[1 << 10];
  private long[] values = new long[1 << 10];
  private int[] ranks = new int[1 << 10];
  private int found;

  private SeedPieces(WordText words, int maxLength) {
    this.words = words;
    text = words.text();
    this.maxLength = maxLength;
    suffixes = new int[text.length - words.size()];
    int count = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] != MultikeySort.SEPARATOR) {
        suffixes[count++] = i;
      }
    }
  }

  /** Finds up to a limit of pieces (but all characters), each up to a maximum length. */
  static PieceSet find(WordText words, int maxLength, int limit, Cancellation cancellation) {
    SeedPieces seeds = new SeedPieces(words, maxLength);
    PieceSet pieces = new PieceSet();
    addCharacters(words, pieces);
    cancellation.throwIfCancelled();
    new MultikeySort(seeds.text, maxLength + 1, cancellation).sort(seeds.suffixes);
    cancellation.throwIfCancelled();
    seeds.findSubstrings();
    cancellation.throwIfCancelled();
    seeds.addBest(pieces, limit);
    double sum = 0;
    for (int piece = 1; piece < pieces.size(); piece++) {
      sum += pieces.score(piece);
    }
    double logSum = StrictMath.log(sum);
    for (int piece = 1; piece < pieces.size(); piece++) {
      pieces.score(piece, StrictMath.log(pieces.score(piece)) - logSum);
    }
    return pieces;
  }

  /** The characters, the most frequent first, of equally frequent ones the highest. */
  private static void addCharacters(WordText words, PieceSet pieces) {
    CodePointTable counts = new CodePointTable();
    CodePointTable places = new CodePointTable();
    int[] text = words.text();
    for (int word = 0; word < words.size(); word++) {
      for (int i = words.start(word); i < words.end(word); i++) {
        counts.add(text[i], words.count(word));
        places.set(text[i], i);
      }
    }
    int[] used = counts.used();
    int[] order =
        StableSort.sorted(
            used.length,
            (a, b) -> {
              int byCount = Long.compare(counts.get(used[b]), counts.get(used[a]));
              return byCount != 0 ? byCount : Integer.compare(used[b], used[a]);
            });
    for (int i : order) {
      pieces.add((int) places.get(used[i]), 1, (double) counts.get(used[i]));
    }
  }

  /** The intervals of equal prefixes in the sorted suffixes (Abouelhoda et al. 2004). */
  private void findSubstrings() {
    int[] openLengths = new int[maxLength + 3];
    int[] openFirsts = new int[maxLength + 3];
    int open = 0; // the interval of everything, of length 0, is at the bottom
    int before = 0;
    for (int i = 1; i <= suffixes.length; i++) {
      int common = i == suffixes.length ? 0 : common(suffixes[i - 1], suffixes[i]);
      addWord(i - 1, Math.max(before, common));
      before = common;
      int first = i - 1;
      while (openLengths[open] > common) {
        first = openFirsts[open];
        if (openLengths[open] <= maxLength) {
          add(first, openLengths[open], (long) (i - first) * openLengths[open]);
        }
        open--;
      }
      if (openLengths[open] < common) {
        openLengths[++open] = common;
        openFirsts[open] = first;
      }
    }
  }

  /** How many characters two suffixes have in common. */
  private int common(int a, int b) {
    int length = 0;
    while (length <= maxLength
        && text[a + length] == text[b + length]
        && text[a + length] != MultikeySort.SEPARATOR) {
      length++;
    }
    return length;
  }

  /** Adds a whole word that is seen more than once, if no other suffix begins with it. */
  private void addWord(int suffix, int common) {
    int start = suffixes[suffix];
    if (start > 0 && text[start - 1] != MultikeySort.SEPARATOR) {
      return;
    }
    int length = 0;
    while (length <= maxLength && text[start + length] != MultikeySort.SEPARATOR) {
      length++;
    }
    if (length > common && length <= maxLength) {
      long count = words.countFrom(start);
      if (count > 1) {
        add(suffix, length, count * length);
      }
    }
  }

  private void add(int suffix, int length, long value) {
    if (length < 2) {
      return;
    }
    if (found == starts.length) {
      starts = Arrays.copyOf(starts, 2 * found);
      lengths = Arrays.copyOf(lengths, 2 * found);
      values = Arrays.copyOf(values, 2 * found);
      ranks = Arrays.copyOf(ranks, 2 * found);
    }
    starts[found] = suffixes[suffix];
    lengths[found] = length;
    values[found] = value;
    ranks[found++] = suffix;
  }

  /** The best substrings, of equally good ones the alphabetically last. */
  private void addBest(PieceSet pieces, int limit) {
    int[] order =
        StableSort.sorted(
            found,
            (a, b) -> {
              if (values[a] != values[b]) {
                return Long.compare(values[b], values[a]);
              }
              return ranks[a] != ranks[b]
                  ? Integer.compare(ranks[b], ranks[a])
                  : Integer.compare(lengths[b], lengths[a]);
            });
    for (int i = 0; i < found && pieces.size() <= limit; i++) {
      pieces.add(starts[order[i]], lengths[order[i]], (double) values[order[i]]);
    }
  }
}
