package io.fundamentallm.spi;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Guesses what a misspelt name was meant to be, for errors that list the existing names. */
public final class NearestName {
  private NearestName() {}

  /**
   * The fewest letters that count as an abbreviation: fewer are the beginning of too many names.
   */
  private static final int SHORTENED = 3;

  /**
   * The name that is the fewest slips away, if they are at most a third of its letters (but at
   * least one is allowed); else the only name that the text abbreviates, as {@code temp} does
   * {@code temperature}.
   *
   * @param asked what was written
   * @param names the existing names
   */
  public static Optional<String> of(String asked, Collection<String> names) {
    String nearest = null;
    int min = Integer.MAX_VALUE;
    for (String name : names) {
      if (name.equalsIgnoreCase(asked)) {
        return Optional.of(name);
      }
      int slips = slips(asked, name);
      if (slips < min) {
        min = slips;
        nearest = name;
      }
    }
    return nearest != null && min <= Math.max(1, letters(nearest) / 3)
        ? Optional.of(nearest)
        : shortened(asked, names);
  }

  /**
   * The name that is the fewest slips away, if they are few enough to refuse what was written.
   *
   * @param most letters that may be missing, extra, wrong, or swapped with their neighbour
   * @param asked what was written
   * @param names the existing names
   */
  public static Optional<String> within(int most, String asked, Collection<String> names) {
    return names.stream()
        .filter(name -> Math.abs(name.length() - asked.length()) <= most)
        .min(Comparator.comparingInt(name -> slips(asked, name)))
        .filter(name -> slips(asked, name) <= most);
  }

  private static Optional<String> shortened(String asked, Collection<String> names) {
    if (letters(asked) < SHORTENED) {
      return Optional.empty();
    }
    List<String> longer = names.stream().filter(name -> name.startsWith(asked)).distinct().toList();
    return longer.size() == 1 ? Optional.of(longer.get(0)) : Optional.empty();
  }

  private static long letters(String name) {
    return name.chars().filter(c -> c != '-').count();
  }

  /**
   * How many letters are missing, extra, wrong, or swapped with their neighbour: the optimal string
   * alignment distance (Damerau 1964).
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
