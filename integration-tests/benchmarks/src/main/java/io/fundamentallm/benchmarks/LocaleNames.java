package io.fundamentallm.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What a JDK knows of the world's languages and countries, in each of them. */
final class LocaleNames {
  private LocaleNames() {}

  /** Adds lines of names, a few of each language in turn. */
  static void addTo(CappedText text) {
    List<Locale> locales =
        Arrays.stream(Locale.getAvailableLocales())
            .filter(locale -> !locale.getLanguage().isEmpty())
            .sorted(Comparator.comparing(Locale::toLanguageTag))
            .toList();
    for (Locale named : locales) {
      for (Locale language : locales) {
        if (text.isFull()) {
          return;
        }
        text.add((named.getDisplayName(language) + "\n").getBytes(UTF_8));
      }
    }
  }
}
