package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexConstraintTest {
  private static final String[] ATOMS = {
    "a", "b", "é", "😀", ".", "[ab]", "[^a]", "[a-c1]", "\\d", "\\w", "\\S", "\\p{L}", "[^\\d]",
    "\\x61", "\\u00e9", "\\.", "[\\]-]", "(?:ab)", "()"
  };
  private static final String[] LETTERS = {"a", "b", "c", "é", "😀", "1", ".", "-", "]", "\n", " "};

  @Test
  void random_patterns_match_what_java_matches() {
    Random random = new Random(11);
    int matched = 0;
    for (int i = 0; i < 400; i++) {
      String pattern = pattern(random, 3);
      Pattern java = Pattern.compile(pattern);
      TokenConstraint constraint = Bound.bytes("regex", pattern);
      for (int j = 0; j < 60; j++) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(6);
        for (int k = 0; k < length; k++) {
          text.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        boolean expected = java.matcher(text).matches();
        matched += expected ? 1 : 0;
        assertThat(Bound.accepts(constraint, text.toString()))
            .as("/%s/ on \"%s\"", pattern, text)
            .isEqualTo(expected);
      }
    }
    assertThat(matched).isGreaterThan(1000);
  }

  private static String pattern(Random random, int depth) {
    StringBuilder pattern = new StringBuilder();
    int parts = 1 + random.nextInt(3);
    for (int i = 0; i < parts; i++) {
      pattern.append(
          depth > 0 && random.nextInt(3) == 0
              ? "(" + pattern(random, depth - 1) + ")"
              : ATOMS[random.nextInt(ATOMS.length)]);
      switch (random.nextInt(9)) {
        case 0 -> pattern.append('*');
        case 1 -> pattern.append("+?");
        case 2 -> pattern.append('?');
        case 3 -> pattern.append("{2}");
        case 4 -> pattern.append("{1,5}");
        case 5 -> pattern.append("{2,}?");
        default -> {}
      }
    }
    return random.nextInt(3) == 0 ? pattern + "|" + pattern(random, depth - 1) : "" + pattern;
  }

  @Test
  void counts_are_counted_not_copied() {
    TokenConstraint constraint = Bound.bytes("regex", "(ab){3,1000000}c{500}");
    assertThat(Bound.accepts(constraint, "ab".repeat(2) + "c".repeat(500))).isFalse();
    assertThat(Bound.accepts(constraint, "ab".repeat(3) + "c".repeat(500))).isTrue();
    assertThat(Bound.accepts(constraint, "ab".repeat(900) + "c".repeat(500))).isTrue();
    assertThat(Bound.accepts(constraint, "ab".repeat(900) + "c".repeat(499))).isFalse();
    assertThat(Bound.accepts(constraint, "ab".repeat(900) + "c".repeat(501))).isFalse();
  }

  @Test
  void anchors_at_the_ends_change_nothing() {
    TokenConstraint constraint = Bound.bytes("regex", "^a+$|^b\\z");
    assertThat(Bound.accepts(constraint, "aa")).isTrue();
    assertThat(Bound.accepts(constraint, "b")).isTrue();
    assertThat(Bound.accepts(constraint, "ab")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "a(?=b) ~ lookahead",
        "(?<!a)b ~ lookbehind",
        "(a)\\1 ~ backreferences",
        "(?<n>a)\\k<n> ~ backreferences",
        "\\bword\\b ~ word boundaries",
        "(?>a*) ~ atomic",
        "a*+ ~ possessive",
        "(?i)a ~ inline flags",
        "[a-z&&[^b]] ~ intersections",
        "[[a]] ~ escape the [",
        "a(^b) ~ ends only",
        "(a ~ an opening ( without a closing )",
        "a) ~ a closing ) without an opening (",
        "[a ~ an opening [ without a closing ]",
        "*a ~ quantifier",
        "a** ~ quantifier after",
        "a{2 ~ quantifier is written",
        "a{3,2} ~ less than its minimum",
        "a{99999999999} ~ whole number",
        "\\p{Klingon} ~ not a property",
        "\\q ~ not supported",
        "[b-a] ~ upwards",
        "\\xZZ ~ is written",
      })
  void what_is_not_supported_is_refused_by_name(String pattern, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("regex", pattern))
        .withMessageContaining("stage \"regex\"")
        .withMessageContaining(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[^\\s\\S]", "a[^\\s\\S]+"})
  void a_pattern_that_matches_nothing_is_refused(String pattern) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("regex", pattern))
        .withMessageContaining("no text can be finished");
  }
}
