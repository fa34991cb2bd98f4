package io.fundamentallm.tokenizers.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The tokens that a training begins with: the special ones, then the alphabet in the order of its
 * code points, then its forms with a prefix or a suffix. As in Hugging Face's trainer
 * (tokenizers/src/models/bpe/trainer.rs: add_special_tokens, compute_alphabet, tokenize_words),
 * except that where its order depends on a hash map with random seeds, ours is that of the code
 * points. This affects which of equally frequent characters are left out (the last ones), and the
 * forms with prefix or suffix.
 */
final class Alphabet {
  /** Where in a word a unit is; the two bits of a form's number. */
  private static final int CONTINUES = 1;

  private static final int ENDS = 2;

  private final BpeSettings settings;
  private final GrowingVocabulary forms;

  /** For each place, the ids of the units' tokens plus one; 0 for units that are left out. */
  private final CodePointTable[] ids = new CodePointTable[4];

  /** Finds the alphabet of the words and adds its tokens to the empty vocabulary. */
  Alphabet(WordCounts words, BpeSettings settings, GrowingVocabulary forms) {
    this.settings = settings;
    this.forms = forms;
    settings.specialTokens().forEach(forms::add);
    if (settings.byteFallback()) {
      for (int b = 0; b < 256; b++) {
        forms.add(String.format("<0x%02X>", b));
      }
    }
    CodePointTable[] seen = seen(words);
    for (int codePoint : kept(seen)) {
      forms.add(Character.toString(codePoint));
    }
    addForms(seen);
  }

  /**
   * Writes the ids of a word's units; those that are left out are skipped, as if they were not
   * there.
   *
   * @param units becomes the ids
   * @return how many there are
   */
  int encode(int[] units, int length) {
    int count = 0;
    for (int i = 0; i < length; i++) {
      int id = (int) ids[place(i, length)].get(units[i]) - 1;
      if (id >= 0) {
        units[count++] = id;
      }
    }
    return count;
  }

  private static int place(int index, int length) {
    return (index > 0 ? CONTINUES : 0) | (index == length - 1 ? ENDS : 0);
  }

  /** How often each code point occurs at each place. */
  private CodePointTable[] seen(WordCounts words) {
    CodePointTable[] seen = new CodePointTable[4];
    Arrays.setAll(seen, place -> new CodePointTable());
    int[] units = {};
    for (int word = 0; word < words.size(); word++) {
      int start = words.start(word);
      int end = words.end(word);
      if (units.length < end - start) {
        units = new int[2 * (end - start)];
      }
      int length = settings.units().read(words.pool(), start, end, units);
      long count = words.count(word);
      for (int i = 0; i < length; i++) {
        seen[place(i, length)].add(units[i], count);
      }
    }
    return seen;
  }

  /** The code points of the alphabet, ascending. */
  private int[] kept(CodePointTable[] seen) {
    CodePointTable total = new CodePointTable();
    for (CodePointTable place : seen) {
      for (int codePoint : place.used()) {
        total.add(codePoint, place.get(codePoint));
      }
    }
    for (int codePoint : settings.initialAlphabet()) {
      total.set(codePoint, Long.MAX_VALUE);
    }
    int[] all = total.used();
    int limit = settings.limitAlphabet();
    if (limit < 0 || all.length <= limit) {
      return all;
    }
    return IntStream.of(all)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingLong(c -> total.get(c))
                .reversed()
                .thenComparing(Comparator.naturalOrder()))
        .limit(limit)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /** Gives each code point its token at each place where it occurs, adding those that are new. */
  private void addForms(CodePointTable[] seen) {
    Arrays.setAll(ids, place -> new CodePointTable());
    CodePointTable known = new CodePointTable();
    for (CodePointTable place : seen) {
      for (int codePoint : place.used()) {
        known.set(codePoint, forms.find(Character.toString(codePoint)) + 1L);
      }
    }
    for (int codePoint : known.used()) {
      for (int place = 0; place < ids.length; place++) {
        if (seen[place].get(codePoint) != 0) {
          String prefix = (place & CONTINUES) != 0 ? settings.prefix() : "";
          String suffix = (place & ENDS) != 0 ? settings.suffix() : "";
          String form = prefix + Character.toString(codePoint) + suffix;
          ids[place].set(codePoint, forms.add(form) + 1L);
        }
      }
    }
  }
}
