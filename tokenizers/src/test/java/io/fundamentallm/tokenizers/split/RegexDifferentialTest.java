package io.fundamentallm.tokenizers.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random patterns on random ASCII, against the JDK's engine. */
class RegexDifferentialTest {
  private static final String[] ATOMS = {
    "a",
    "b",
    "ab",
    "c",
    ".",
    "[ab]",
    "[^a]",
    "[a-c&&[^b]]",
    "\\s",
    "\\d",
    "\\w",
    "\\S",
    " ",
    "\\n",
    "\\b",
    "\\B",
    "\\A",
    "\\z",
    "1",
    "aba",
    "(?i:B)",
    "[\\s\\d]"
  };
  private static final String[] QUANTIFIERS = {
    "", "", "", "?", "*", "+", "??", "*?", "+?", "?+", "*+", "++", "{2}", "{1,3}", "{0,2}?", "{2,}"
  };
  private static final String[] LOOK_BEHINDS = {
    "(?<=a)", "(?<!b)", "(?<=ab|c)", "(?<![ab]\\s)", "(?<=^|\\w)"
  };

  private final Random random = new Random(20_240_817);

  @Test
  void matches_are_those_of_the_jdk() {
    compare(800);
  }

  @Tag("long")
  @Test
  void matches_of_thousands_of_patterns_are_those_of_the_jdk() {
    compare(10_000);
  }

  private void compare(int patterns) {
    int matches = 0;
    int tooLong = 0;
    for (int i = 0; i < patterns; i++) {
      String pattern = pattern(3);
      Pattern expected = Pattern.compile(pattern);
      Regex actual = Regex.compile(pattern, Regex.Dialect.RUST);
      for (int k = 0; k < 5; k++) {
        String text = text();
        List<String> all = all(expected, text);
        matches += all.size();
        try {
          assertThat(RegexTest.matches(actual, text)).as(pattern + " on " + text).isEqualTo(all);
        } catch (IllegalStateException e) {
          tooLong++;
        }
      }
    }
    assertThat(tooLong).isLessThan(patterns / 300);
    assertThat(matches).isGreaterThan(5 * patterns);
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.start() + ":" + matcher.group());
    }
    return found;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.append("aaabbbcC1 \n_".charAt(random.nextInt(12)));
    }
    return text.toString();
  }

  private String pattern(int depth) {
    StringBuilder pattern = new StringBuilder();
    int branches = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1;
    for (int i = 0; i < branches; i++) {
      pattern.append(i > 0 ? "|" : "");
      int parts = 1 + random.nextInt(3);
      for (int k = 0; k < parts; k++) {
        pattern.append(part(depth));
      }
    }
    return pattern.toString();
  }

  private String part(int depth) {
    int kind = random.nextInt(depth > 0 ? 14 : 8);
    if (kind < 8) {
      String atom = any(ATOMS);
      if (atom.matches("\\\\[bBAz]")) {
        return atom;
      }
      return (atom.matches("a.+") ? "(?:" + atom + ")" : atom) + any(QUANTIFIERS);
    }
    String inside = pattern(depth - 1);
    return switch (kind) {
      // the JDK takes counted groups that match nothing for done
      case 8, 9 -> "(" + inside + ")" + any(QUANTIFIERS).replaceAll("\\{.*", "");
      case 10 -> "(?:" + inside + ")";
      case 11 -> "(?>" + inside + ")";
      case 12 -> (random.nextBoolean() ? "(?=" : "(?!") + inside + ")";
      default -> any(LOOK_BEHINDS);
    };
  }

  private String any(String[] of) {
    return of[random.nextInt(of.length)];
  }
}
