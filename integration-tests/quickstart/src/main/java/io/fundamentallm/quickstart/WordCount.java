package io.fundamentallm.quickstart;

import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Counts how many words of generated texts are words of the text trained on, whatever their case. A
 * word that the beginning or end of a generated text cuts through does not count.
 */
final class WordCount {
  private static final Pattern WORD =
      Pattern.compile("(?<=[^\\p{L}'])\\p{L}++(?:'\\p{L}++)*+(?=\\P{L})");

  private final Set<String> known;
  private long words;
  private long found;

  WordCount(String text) {
    known = words(" " + text + " ").collect(Collectors.toSet());
  }

  void count(CharSequence generated) {
    words(generated)
        .forEach(
            word -> {
              words++;
              found += known.contains(word) ? 1 : 0;
            });
  }

  String summary(String name) {
    return words == 0
        ? "It wrote no whole words."
        : String.format(
            Locale.ROOT,
            "%d of the %d words it wrote (%.0f %%) occur in %s.",
            found,
            words,
            Math.floor(100.0 * found / words),
            name);
  }

  private static Stream<String> words(CharSequence text) {
    return WORD.matcher(text)
        .results()
        .map(MatchResult::group)
        .map(w -> w.toLowerCase(Locale.ROOT));
  }
}
