package io.fundamentallm.tokenizers.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BertNormalizerTest {
  private static final Normalizer UNCASED = new BertNormalizer(true, true, null, true);
  private static final Normalizer CASED = new BertNormalizer(true, true, null, false);

  @Test
  void uncased_lowercases_and_strips_accents() {
    assertThat(Normalized.text(UNCASED, "Héllo, ÀÉ İ ﬁ")).isEqualTo("hello, ae i ﬁ");
    assertThat(Normalized.text(CASED, "Héllo, ÀÉ")).isEqualTo("Héllo, ÀÉ");
  }

  @Test
  void cleaning_drops_controls_and_levels_white_space() {
    assertThat(Normalized.text(UNCASED, "a\u0000\u0001\uFFFD\u200D\uE000\tb\n\u3000c\u0085"))
        .isEqualTo("a b  c");
    Normalizer raw = new BertNormalizer(false, false, false, false);
    assertThat(Normalized.text(raw, "a\u0000\t\uFFFD")).isEqualTo("a\u0000\t\uFFFD");
  }

  @Test
  void ideographs_get_spaces_with_their_source() {
    assertThat(Normalized.of(UNCASED, "A中"))
        .isEqualTo(new Normalized("a 中 ", List.of("0-1", "1-4", "1-4", "1-4")));
  }

  @Test
  void marks_and_punctuation_are_those_of_unicode_8() {
    // U+1DF6, of Unicode 10, is no mark there; U+1734 was one
    assertThat(Normalized.text(UNCASED, "a\u1DF6b\u1734")).isEqualTo("a\u1DF6b");
  }

  @Test
  void marks_that_stay_take_their_order() {
    // U+302E is a spacing mark of class 224, U+0D3B of class 9 since Unicode 10 only
    assertThat(Normalized.text(UNCASED, "A\uD834\uDD65\u302E")).isEqualTo("a\uD834\uDD65\u302E");
    assertThat(Normalized.text(UNCASED, "A\u302E\uD834\uDD65")).isEqualTo("a\uD834\uDD65\u302E");
  }

  @Test
  void one_pass_does_what_the_steps_do() {
    Normalizer steps =
        new Sequence(
            List.of(
                new BertNormalizer(true, true, false, false),
                NormalizationForm.NFD,
                new BertMarks(),
                new Lowercase()));
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(12); left > 0; left--) {
        int limit = new int[] {0x80, 0x250, 0x3100, 0xD800, 0x110000}[random.nextInt(5)];
        int c = random.nextInt(limit);
        text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? 0x300 : c);
      }
      assertThat(Normalized.text(UNCASED, text.toString()))
          .isEqualTo(Normalized.text(steps, text.toString()));
      assertThat(Normalized.of(UNCASED, text.toString()))
          .isEqualTo(Normalized.of(steps, text.toString()));
    }
  }

  @Test
  void lowercase_ascii_is_left() {
    assertThat(UNCASED.leaves(Normalized.buffer("all is well.", false))).isTrue();
    assertThat(UNCASED.leaves(Normalized.buffer("All", false))).isFalse();
    assertThat(CASED.leaves(Normalized.buffer("All", false))).isTrue();
    assertThat(CASED.leaves(Normalized.buffer("a\tb", false))).isFalse();
  }
}
