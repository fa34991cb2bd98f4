package io.fundamentallm;

import java.util.Collection;
import java.util.Optional;

/** Guesses what a misspelt name was meant to be. */
final class NearestName {
  private NearestName() {}

  /** The name with the smallest edit distance, if at most a third of its letters differ. */
  static Optional<String> of(String asked, Collection<String> names) {
    String nearest = null;
    int least = Integer.MAX_VALUE;
    for (String name : names) {
      int distance = distance(asked, name);
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return nearest != null && least <= Math.max(1, nearest.length() / 3)
        ? Optional.of(nearest)
        : Optional.empty();
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
