package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphemeHoldTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "e\u0301", // a combining mark
        "q\u0323\u0307\u0302",
        "\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67", // a family
        "\uD83E\uDDD1\uD83C\uDFFD\u200D\uD83D\uDE80", // an astronaut with a skin tone
        "\u2764\uFE0F\u200D\uD83D\uDD25", // a heart on fire, with a variation selector
        "1\uFE0F\u20E3", // a keycap
        "\uD83C\uDDE9\uD83C\uDDEA", // a flag of two regional indicators
        "\uD83C\uDFF4\uDB40\uDC67\uDB40\uDC62\uDB40\uDC65\uDB40\uDC6E\uDB40\uDC67\uDB40\uDC7F",
        "\u1112\u1161\u11AB", // Hangul, from its parts
        "\uAC00\u11A8",
        "\u0BA8\u0BBF", // Tamil, with a spacing vowel sign
        "\u0E19\u0E33", // Thai
        "\u0915\u094D\u0937\u093F", // Devanagari consonants around a virama
        "\u0915\u094D\u200D\u0937",
        "\r\n",
      })
  void characters_of_several_code_points_come_whole(String cluster) {
    String text = "a" + cluster + cluster + "b";
    assertThat(pieces(text)).containsExactly("a", cluster, cluster, "b");
  }

  @Test
  void regional_indicators_pair_from_the_left() {
    String flag = "\uD83C\uDDE9\uD83C\uDDEA";
    assertThat(pieces(flag + flag + "\uD83C\uDDE9x"))
        .containsExactly(flag, flag, "\uD83C\uDDE9", "x");
  }

  @Test
  void a_line_feed_is_not_held_because_nothing_joins_it() {
    GraphemeHold hold = new GraphemeHold();
    assertThat(hold.append("a\r")).isEqualTo("a");
    assertThat(hold.append("\n")).isEqualTo("\r\n");
    assertThat(hold.append("b")).isEmpty();
    assertThat(hold.finish("")).isEqualTo("b");
  }

  @Test
  void a_heap_of_marks_is_not_held_for_ever() {
    GraphemeHold hold = new GraphemeHold();
    StringBuilder text = new StringBuilder(hold.append("e"));
    for (int i = 0; i < 1000; i++) {
      text.append(hold.append("\u0301"));
      assertThat(i + 2 - text.length()).isBetween(0, 64);
    }
    assertThat(text.append(hold.finish("")).toString()).isEqualTo("e" + "\u0301".repeat(1000));
  }

  @Test
  void one_piece_of_endless_conjuncts_does_not_exhaust_the_stack() {
    String conjuncts = "\u0915\u094D".repeat(100_000);
    GraphemeHold hold = new GraphemeHold();
    assertThat(hold.append(conjuncts) + hold.finish("")).isEqualTo(conjuncts);
  }

  /** What comes out code point by code point. */
  private static List<String> pieces(String text) {
    GraphemeHold hold = new GraphemeHold();
    List<String> pieces = new ArrayList<>();
    text.codePoints().forEach(c -> pieces.add(hold.append(Character.toString(c))));
    pieces.add(hold.finish(""));
    assertThat(String.join("", pieces)).isEqualTo(text);
    pieces.removeAll(Arrays.asList(""));
    return pieces;
  }
}
