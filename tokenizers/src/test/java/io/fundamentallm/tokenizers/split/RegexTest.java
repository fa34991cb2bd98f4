package io.fundamentallm.tokenizers.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {
  /** All matches, as Java finds them: after an empty one it goes on at the next character. */
  static List<String> matches(Regex regex, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<String> found = new ArrayList<>();
    int[] match = new int[2];
    int from = 0;
    while (from <= bytes.length && regex.find(bytes, from, 0, bytes.length, match)) {
      found.add(
          match[0]
              + ":"
              + new String(bytes, match[0], match[1] - match[0], StandardCharsets.UTF_8));
      from = match[1];
      if (match[0] == match[1]) {
        from++;
        while (from < bytes.length && (bytes[from] & 0xC0) == 0x80) {
          from++;
        }
      }
    }
    return found;
  }

  private static List<String> onig(String pattern, String text) {
    return matches(Regex.compile(pattern), text);
  }

  private static List<String> rust(String pattern, String text) {
    return matches(Regex.compile(pattern, Regex.Dialect.RUST), text);
  }

  @Test
  void gpt2_cuts_words_numbers_and_spaces() {
    assertThat(onig(PublishedPatterns.GPT2, "Hello, it's  1234 naïve 世界\n"))
        .containsExactly(
            "0:Hello", "5:,", "6: it", "9:'s", "11: ", "12: 1234", "17: naïve", "24: 世界", "31:\n");
  }

  @Test
  void case_insensitive_contractions_match_the_long_s_and_the_kelvin_sign() {
    assertThat(onig("(?i:'s|'k)", "'S 's 'ſ 'K 'k 'K")).hasSize(6);
    assertThat(onig("'s", "'S 'ſ")).isEmpty();
    assertThat(onig("(?i)[r-t]", "ſ")).containsExactly("0:ſ");
    assertThat(onig("(?i)ſ", "sS")).hasSize(2);
    assertThat(onig("(?i)é[σ]", "Éς ÉΣ éσ")).hasSize(3);
    assertThat(onig("(?i)[^a-z]", "ſ\u212Aé")).containsExactly("5:é");
  }

  @Test
  void white_space_is_that_of_unicode() {
    assertThat(onig("\\s", "\u0085\u00A0\u2007\u202F\u3000\u001C\u200B")).hasSize(5);
    assertThat(onig("\\S", "\u001C\u200B")).hasSize(2);
  }

  @Test
  void properties_know_categories_scripts_and_negation() {
    assertThat(onig("\\p{Han}+", "ab漢字か")).containsExactly("2:漢字");
    assertThat(onig("\\p{^L}+", "ab12")).containsExactly("2:12");
    assertThat(onig("\\P{L}+", "ab12")).containsExactly("2:12");
    assertThat(onig("\\p{Lu}\\p{Lowercase_Letter}+", "abÉté")).containsExactly("2:Été");
    assertThat(onig("\\pN", "a¾")).containsExactly("1:¾");
    assertThat(rust("\\p{sc=Greek}+", "aαβ")).containsExactly("1:αβ");
  }

  @Test
  void classes_nest_intersect_and_negate() {
    assertThat(onig("[a-z&&[^aeiou]]+", "hello")).containsExactly("0:h", "2:ll");
    assertThat(onig("[\\w&&[^\\d_]]+", "ab1_c")).containsExactly("0:ab", "4:c");
    assertThat(onig("[[:digit:]a-]+", "1-a.2")).containsExactly("0:1-a", "4:2");
    assertThat(onig("[]a]+", "]a[")).containsExactly("0:]a");
    assertThat(rust("[\\p{L}--[a-c]]+", "abcd")).containsExactly("3:d");
    assertThat(onig("[^\\r\\n\\x41-\\x{43}\\u0044]", "ABCDE")).containsExactly("4:E");
  }

  @Test
  void classes_of_oniguruma_are_those_of_its_tables() {
    assertThat(onig("\\w+", "½¾⅓")).containsExactly("0:½¾");
    assertThat(onig("[\\w]+", "a½")).containsExactly("0:a");
    assertThat(onig("[[:punct:]]+", "«€^👍a")).containsExactly("0:«€^👍");
    assertThat(rust("\\w", "½\u200D")).containsExactly("2:\u200D");
  }

  @Test
  void searches_begin_at_characters_only() {
    assertThat(onig("[^a]", "aéa漢")).containsExactly("1:é", "4:漢");
    assertThat(onig("[b-\\x{10FFFF}]+x|c", "é漢c")).containsExactly("5:c");
  }

  @Test
  void groups_are_atomic_or_look_around() {
    assertThat(onig("(?>a+)ab", "aaab")).isEmpty();
    assertThat(onig("(?>a|ab)c", "abc")).isEmpty();
    assertThat(onig("\\w+(?=!)", "ab cd!")).containsExactly("3:cd");
    assertThat(onig("(?<=a|bc)\\d", "a1bc2c3")).containsExactly("1:1", "4:2");
    assertThat(onig("(?<!é)\\d", "é1a2")).containsExactly("4:2");
    assertThat(onig("a++b|a", "aaa")).containsExactly("0:a", "1:a", "2:a");
    assertThat(onig("(?:ab)*+a", "aba")).containsExactly("0:aba");
  }

  @Test
  void dialects_differ_in_anchors_and_counted_plus() {
    assertThat(onig("^b$", "a\nb\nc")).containsExactly("2:b");
    assertThat(rust("^b$", "a\nb\nc")).isEmpty();
    assertThat(rust("(?m)^b$", "a\nb\nc")).containsExactly("2:b");
    assertThat(onig("\\s+$", "a \nb ")).containsExactly("1: ", "4: ");
    assertThat(rust("\\s+$", "a \nb ")).containsExactly("4: ");
    assertThat(onig("a{2}+", "aaaaa")).containsExactly("0:aaaa");
    assertThat(rust("a{1,2}+a", "aa")).isEmpty();
    assertThat(onig("(?m).+", "a\nb")).containsExactly("0:a\nb");
    assertThat(rust("(?s).+", "a\nb")).containsExactly("0:a\nb");
    assertThat(onig("a(?i)b|c", "C aC aB")).containsExactly("2:aC", "5:aB");
    assertThat(rust("a(?i)b|c", "C aC aB")).containsExactly("0:C", "3:C", "5:aB");
    assertThat(onig("x{,2}|{", "xxx")).contains("0:xx");
    assertThat(onig("a{x}", "a{x}")).containsExactly("0:a{x}");
    assertThat(onig("\\h+", "xyzF0")).containsExactly("3:F0");
  }

  @Test
  void word_boundaries_and_text_ends() {
    assertThat(onig("\\b\\w", "été là")).containsExactly("0:é", "6:l");
    assertThat(onig("a\\z", "a\na")).containsExactly("2:a");
    assertThat(onig("a\\Z", "a\na\n")).containsExactly("2:a");
    assertThat(onig("\\Aa", "aa")).containsExactly("0:a");
    assertThat(onig("\\R", "\r\n\n")).containsExactly("0:\r\n", "2:\n");
  }

  @Test
  void region_hides_what_stands_around_it() {
    byte[] text = "xa1y".getBytes(StandardCharsets.UTF_8);
    int[] match = new int[2];
    assertThat(Regex.compile("(?<=x)a").find(text, 1, 1, 4, match)).isFalse();
    assertThat(Regex.compile("(?<=x)a").find(text, 1, 4, match)).isTrue();
    assertThat(Regex.compile("\\Aa1\\z").find(text, 1, 1, 3, match)).isTrue();
    assertThat(match).containsExactly(1, 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a",
        "a)",
        "[a",
        "a(?<=b+)",
        "(a)\\1",
        "\\p{Nonsense}",
        "*a",
        "(?~a)",
        "(?(1)a)",
        "\\X",
        "\\G",
        "[b-a]",
        "a{5,2}",
        "a{200000}",
        "\\x{110000}",
        "\\",
        "(?",
        "[[:nope:]]",
        "\\k<n>"
      })
  void what_is_wrong_or_unsupported_says_so_and_where(String pattern) {
    assertThatThrownBy(() -> Regex.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at index ")
        .hasMessageEndingWith(pattern);
  }

  @ParameterizedTest
  @ValueSource(strings = {"((((a{1000}b){100}c){100}d){100}e)", "((((){1000}){1000}){1000}){1000}"})
  void patterns_that_count_out_to_too_much_are_refused(String pattern) {
    assertThatThrownBy(() -> Regex.compile(pattern)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void deep_nesting_is_refused() {
    for (String open : List.of("(", "[", "(?i)")) {
      assertThatThrownBy(() -> Regex.compile(open.repeat(100_000)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a*)*b", "(a|aa)+$x", "(a+)+b", "a*b", "(?:a?){50}a{50}b", "(a|a?)+b"})
  void catastrophic_patterns_run_out_of_steps(String pattern) {
    byte[] text = "a".repeat(20_000).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Regex.compile(pattern).find(text, 0, text.length, new int[2]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(pattern);
  }

  @Test
  void published_patterns_go_through_a_million_equal_characters() {
    PreTokenizedText text = new PreTokenizedText();
    for (Map.Entry<String, Regex> entry : PublishedPatterns.compiled().entrySet()) {
      PreTokenizer split = new RegexSplit(entry.getValue(), SplitBehavior.ISOLATED, false);
      for (String unit :
          List.of("a", "A", " ", "\n", "1", "é", "漢", "!", "\u0301", "'s", " \n", "aB")) {
        byte[] run = unit.repeat(1_000_000 / unit.length()).getBytes(StandardCharsets.UTF_8);
        text.text().clear(false);
        System.arraycopy(run, 0, text.text().reserve(run.length), 0, run.length);
        text.text().advance(run.length, 0);
        text.begin(true);
        split.split(text);
        int sum = 0;
        for (int i = 0; i < text.pieces().count(); i++) {
          sum += text.pieces().end(i) - text.pieces().start(i);
        }
        assertThat(sum).as(entry.getKey() + " on " + unit).isEqualTo(run.length);
      }
    }
  }

  @Test
  void groups_repeat_a_million_times_without_recursion() {
    byte[] text = "ab".repeat(500_000).getBytes(StandardCharsets.UTF_8);
    int[] match = new int[2];
    for (String pattern : Arrays.asList("(ab)+", "(a|b)+", "(?:a?b?)+", "(?:ab)+?$", "(?>ab)*")) {
      assertThat(Regex.compile(pattern).find(text, 0, text.length, match)).as(pattern).isTrue();
      assertThat(match).as(pattern).containsExactly(0, 1_000_000);
    }
  }
}
