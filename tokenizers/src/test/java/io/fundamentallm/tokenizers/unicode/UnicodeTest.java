package io.fundamentallm.tokenizers.unicode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** The tables against the JDK's, of Unicode 13.0 on Java 17 and of 16.0 on Java 25. */
class UnicodeTest {
  /** The JDK's numbers in the order of ours. */
  private static final int[] JDK = {
    1, 2, 3, 4, 5, 6, 8, 7, 9, 10, 11, 23, 20, 21, 22, 29, 30, 24, 25, 26, 27, 28, 12, 13, 14, 15,
    16, 19, 18, 0
  };

  /** At most so many characters changed a property between Unicode 13.0 and 16.0. */
  private static final int CHANGED = 60;

  private static final boolean SAME_VERSION = Runtime.version().feature() >= 24;

  /** Code points that this JDK knows, or all where its Unicode is ours. */
  private static List<Integer> codePointsWhere(IntPredicate wrong) {
    List<Integer> found = new ArrayList<>();
    for (int c = 0; c < 0x110000; c++) {
      if ((SAME_VERSION || Character.getType(c) != Character.UNASSIGNED) && wrong.test(c)) {
        found.add(c);
      }
    }
    return found;
  }

  @Test
  void categories_are_those_of_the_jdk() {
    List<Integer> different =
        codePointsWhere(c -> JDK[Unicode.category(c)] != Character.getType(c));
    assertThat(different).hasSizeLessThanOrEqualTo(SAME_VERSION ? 0 : CHANGED);
  }

  @Test
  void white_space_is_what_separates_and_six_controls() {
    assertThat(
            codePointsWhere(
                c ->
                    Unicode.isWhiteSpace(c)
                        != (Character.isSpaceChar(c) || (c >= 9 && c <= 13) || c == 0x85)))
        .isEmpty();
  }

  @Test
  void predicates_follow_the_category() {
    assertThat(codePointsWhere(c -> Unicode.isLetter(c) != (Unicode.category(c) <= Unicode.LO)))
        .isEmpty();
    assertThat(Unicode.isMark(0x301) && Unicode.isMark(0x903) && Unicode.isMark(0x488)).isTrue();
  }

  @Test
  void scripts_are_those_of_the_jdk() {
    Map<Character.UnicodeScript, Integer> numbers = new EnumMap<>(Character.UnicodeScript.class);
    for (Character.UnicodeScript script : Character.UnicodeScript.values()) {
      numbers.put(script, Scripts.named(script.name()));
    }
    numbers.remove(Character.UnicodeScript.UNKNOWN);
    List<Integer> different =
        codePointsWhere(
            c -> {
              Integer number = numbers.get(Character.UnicodeScript.of(c));
              return number != null && number != Scripts.of(c);
            });
    assertThat(different).hasSizeLessThanOrEqualTo(SAME_VERSION ? 0 : CHANGED);
  }

  @Test
  void scripts_have_long_and_short_names() {
    assertThat(Scripts.named("Han")).isEqualTo(Scripts.named("hani")).isEqualTo(Scripts.of('中'));
    assertThat(Scripts.named("Old_Italic")).isEqualTo(Scripts.named("olditalic"));
    assertThat(Scripts.named("Elvish")).isNegative();
  }

  @Test
  void lowercase_is_the_jdks_but_for_letters_of_unicode_17() {
    List<Integer> different =
        codePointsWhere(
            c -> Character.getType(c) != 0 && LowerCase.of(c) != Character.toLowerCase(c));
    assertThat(different).isEmpty();
    assertThat(LowerCase.of(LowerCase.DOTTED_I)).isEqualTo('i');
    assertThat(LowerCase.of(0xA7CE)).isEqualTo(0xA7CF);
    assertThat(LowerCase.of(0x16EA0)).isEqualTo(0x16EBB);
    assertThat(LowerCase.of(0x10FFFF)).isEqualTo(0x10FFFF);
  }
}
