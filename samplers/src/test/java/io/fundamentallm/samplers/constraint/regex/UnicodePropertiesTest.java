package io.fundamentallm.samplers.constraint.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.Bound;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties have Java's characters, and each is computed once. */
@Timeout(600)
class UnicodePropertiesTest {
  /** The name with each letter in either case. */
  private static String respelled(String name, Random random) {
    return name.chars()
        .mapToObj(c -> Character.toString(c))
        .map(c -> random.nextBoolean() ? c.toUpperCase(Locale.ROOT) : c.toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  @Test
  void a_property_is_computed_once_however_it_is_spelled() {
    Random random = new Random(6);
    Bound.stage("regex", "\\p{IsAlphabetic}\\p{InGreek}\\p{IsLatin}\\p{script=Latin}\\p{IsLatn}");
    int before = UnicodeProperties.remembered();
    for (String name : List.of("InLatin1Supplement", "IsAlphabetic", "IsLatin", "script=Greek")) {
      int fixed = name.indexOf('=') > 0 ? name.indexOf('=') + 1 : 2;
      for (int i = 0; i < 500; i++) {
        String spelled = name.substring(0, fixed) + respelled(name.substring(fixed), random);
        if (name.startsWith("InLatin")) {
          spelled =
              spelled.replaceFirst(
                  "(?i)1supplement", i % 2 == 0 ? "_1_Supplement" : "-1 SUPPLEMENT");
        }
        try {
          Bound.stage("regex", "\\p{" + spelled + "}");
        } catch (IllegalArgumentException e) {
          assertThat(spelled).startsWith("InL"); // Java knows some of these
        }
      }
    }
    assertThat(UnicodeProperties.remembered()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "L",
        "Lu",
        "IsLu",
        "gc=Lu",
        "general_category=Nd",
        "IsAlphabetic",
        "isalphabetic",
        "IsHex_Digit",
        "IsLatin",
        "IsLatn",
        "script=Han",
        "sc=grek",
        "InGreek",
        "InGREEK",
        "blk=Cyrillic",
        "InBasic Latin",
        "javaMirrored",
        "Punct",
        "IsDigit",
        "IsPunct",
        "IsEmoji",
        "ASCII",
        "L1",
        "all",
        "Cn",
        "InNoSuchBlock",
        "IsNoSuchThing",
        "IsAscii",
        "IsLU",
        "IN_Greek",
        "gc=LU",
        "Is"
      })
  void a_property_has_the_characters_that_java_gives_it(String name) {
    Predicate<String> matches;
    try {
      matches = Pattern.compile("\\p{" + name + "}").asMatchPredicate();
    } catch (IllegalArgumentException e) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Bound.stage("regex", "\\p{" + name + "}"))
          .withMessageContaining("is not a property");
      return;
    }
    ImmutableRangeSet<Integer> set = UnicodeProperties.named(name);
    // planes where thousands are alike are looked at here and there
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x40000 || c >> 16 == 0xE ? 1 : 16) {
      boolean expected =
          (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
              && matches.test(Character.toString(c));
      if (set.contains(c) != expected) {
        assertThat(set.contains(c)).as("%s has %x", name, c).isEqualTo(expected);
      }
    }
  }

  @Test
  void all_blocks_are_found_in_one_pass() {
    int before = UnicodeProperties.remembered();
    StringBuilder pattern = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += 16) {
      Character.UnicodeBlock block = Character.UnicodeBlock.of(c);
      if (block != null && pattern.indexOf("{In" + block + "}") < 0) {
        pattern.append("\\p{In").append(block).append('}');
      }
    }
    Bound.stage("regex", "[" + pattern + "]");

    ImmutableRangeSet<Integer> hangul = UnicodeProperties.named("InHANGUL_SYLLABLES");
    assertThat(hangul.contains(0xAC00)).isTrue();
    assertThat(UnicodeProperties.named("InHangulSyllables")).isSameAs(hangul);
    assertThat(UnicodeProperties.remembered())
        .as("no block has a pass of its own")
        .isEqualTo(before);
  }
}
