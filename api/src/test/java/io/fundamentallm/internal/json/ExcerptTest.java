package io.fundamentallm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatTool;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExcerptTest {
  private static final String FACE = "\uD83D\uDE00";

  /** Only what is whole can be encoded. */
  private static void assertWhole(String text) {
    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(text)).as(text).isTrue();
  }

  @Test
  void a_text_is_cut_where_a_character_ends() {
    assertThat(Excerpt.of("abc", 3)).isEqualTo("abc");
    assertThat(Excerpt.of("abcd", 3)).isEqualTo("abc…");
    assertThat(Excerpt.of("ab" + FACE + "d", 3)).isEqualTo("ab…");
    assertThat(Excerpt.of("a" + FACE + "d", 3)).isEqualTo("a" + FACE + "…");
    assertThat(Excerpt.of(FACE + FACE, 1)).isEqualTo("…");
  }

  @Test
  void both_ends_of_a_text_are_whole() {
    assertThat(Excerpt.ofEnds("abcd", 4)).isEqualTo("abcd");
    assertThat(Excerpt.ofEnds("abcdef", 4)).isEqualTo("ab…ef");
    assertThat(Excerpt.ofEnds("a" + FACE + "bc" + FACE + "d", 4)).isEqualTo("a…d");
    for (int i = 0; i < 12; i++) {
      assertWhole(Excerpt.ofEnds("x".repeat(i) + FACE.repeat(9) + "x".repeat(12 - i), 8));
    }
  }

  @Test
  void a_character_is_shown_whole_from_either_half() {
    assertThat(Excerpt.character("a" + FACE, 0)).isEqualTo("a");
    assertThat(Excerpt.character("a" + FACE, 1)).isEqualTo(FACE);
    assertThat(Excerpt.character("a" + FACE, 2)).isEqualTo(FACE);
  }

  @Test
  void messages_show_whole_characters() {
    for (int i = 70; i < 110; i++) {
      String name = "x".repeat(i) + FACE + "y".repeat(9);
      assertWhole(Json.shown(name));
      assertThatThrownBy(() -> new ChatTool(name, "", "{}"))
          .satisfies(e -> assertWhole(e.getMessage()));
    }
    assertThatThrownBy(() -> Spec.parse("greedy" + FACE))
        .satisfies(e -> assertWhole(e.getMessage()))
        .hasMessageContaining("'" + FACE + "'");
  }
}
