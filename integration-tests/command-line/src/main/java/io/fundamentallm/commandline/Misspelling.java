package io.fundamentallm.commandline;

import java.util.Collection;
import java.util.Optional;

/** Guesses which name a mistyped one was meant to be. */
final class Misspelling {
  private Misspelling() {}

  /**
   * The name that is the fewest slips away, if those are at most a third of its letters; none of
   * one or two letters, which anything resembles.
   */
  static Optional<String> meant(String typed, Collection<String> names) {
    String nearest = null;
    int least = Integer.MAX_VALUE;
    for (String name : names) {
      int slips = slips(typed, name);
      if (slips < least) {
        least = slips;
        nearest = name;
      }
    }
    int letters = nearest == null ? 0 : nearest.replace("-", "").length();
    return letters > 2 && least <= Math.max(1, letters / 3)
        ? Optional.ofNullable(nearest)
        : Optional.empty();
  }

  /**
   * How many letters are missing, too many, wrong, or in the place of their neighbour: the distance
   * of optimal string alignment (Damerau 1964).
   */
  private static int slips(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int wrong = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + wrong, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], 1 + d[i - 2][j - 2]);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
