package io.fundamentallm.runtime.cpu.train.parameter;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tensors that a plan names, by Hugging Face's names; {@code *} stands for anything.
 *
 * @param option what the plan calls them
 * @param patterns any of which may match
 */
public record NamePatterns(String option, List<String> patterns) {
  /** Names that an error suggests. */
  private static final int SUGGESTED = 3;

  /** Whether one of them matches. */
  public boolean match(String name) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, name));
  }

  /**
   * Refuses a pattern that matches none of the names.
   *
   * @throws IllegalArgumentException that says which names are nearest
   */
  public void requireAllMatch(Collection<String> names) {
    for (String pattern : patterns) {
      if (names.stream().noneMatch(name -> matches(pattern, name))) {
        throw new IllegalArgumentException(
            option
                + " \""
                + pattern
                + "\" matches no tensor of the model; the nearest are "
                + nearest(pattern, names));
      }
    }
  }

  private static boolean matches(String pattern, String name) {
    String regex =
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return name.matches(regex);
  }

  /** Those that begin and end most like it. */
  private static String nearest(String pattern, Collection<String> names) {
    return names.stream()
        .sorted(Comparator.comparingInt(name -> -alike(pattern, name)))
        .limit(SUGGESTED)
        .collect(Collectors.joining(", "));
  }

  private static int alike(String a, String b) {
    int max = Math.min(a.length(), b.length());
    int begin = 0;
    while (begin < max && a.charAt(begin) == b.charAt(begin)) {
      begin++;
    }
    int end = 0;
    while (end < max - begin && a.charAt(a.length() - 1 - end) == b.charAt(b.length() - 1 - end)) {
      end++;
    }
    return begin + end;
  }
}
