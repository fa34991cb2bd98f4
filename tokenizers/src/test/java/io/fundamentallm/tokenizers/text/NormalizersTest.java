package io.fundamentallm.tokenizers.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Texts and sources as Hugging Face's tokenizers 0.21 give them. */
class NormalizersTest {
  private static Normalized normalized(String text, String... sources) {
    return new Normalized(text, List.of(sources));
  }

  @Test
  void lowercase_knows_no_final_sigma_and_splits_the_dotted_i() {
    assertThat(Normalized.text(new Lowercase(), "ΟΔΟΣ ẞ ǅ 𐐀")).isEqualTo("οδοσ ß ǆ 𐐨");
    assertThat(Normalized.of(new Lowercase(), "A\u0130B"))
        .isEqualTo(normalized("ai\u0307b", "0-1", "1-3", "1-3", "3-4"));
    assertThat(new Lowercase().leaves(Normalized.buffer("abc 1", false))).isTrue();
  }

  @Test
  void strip_takes_white_space_from_the_sides_asked_for() {
    assertThat(Normalized.of(new Strip(true, true), "\u3000é \t"))
        .isEqualTo(normalized("é", "3-5"));
    assertThat(Normalized.text(new Strip(true, false), " a ")).isEqualTo("a ");
    assertThat(Normalized.text(new Strip(false, true), " a ")).isEqualTo(" a");
    assertThat(Normalized.text(new Strip(true, true), "   ")).isEmpty();
    assertThat(Normalized.text(new Strip(true, true), "")).isEmpty();
  }

  @Test
  void strip_accents_takes_marks_but_does_not_decompose() {
    assertThat(Normalized.of(new StripAccents(), "e\u0301\u0304é"))
        .isEqualTo(normalized("eé", "0-1", "5-7"));
  }

  @Test
  void nmt_drops_controls_and_levels_spaces() {
    assertThat(Normalized.of(new Nmt(), "a\u0001b\t\u200Bc\u0000"))
        .isEqualTo(normalized("ab  c\u0000", "0-1", "2-3", "3-4", "4-7", "7-8", "8-9"));
  }

  @Test
  void replace_writes_its_content_with_the_source_of_the_last_character_replaced() {
    assertThat(Normalized.of(new Replace(" ", "▁"), "a b"))
        .isEqualTo(normalized("a▁b", "0-1", "1-2", "2-3"));
    assertThat(Normalized.of(new Replace("bb", "x"), "abbbc"))
        .isEqualTo(normalized("axbc", "0-1", "2-3", "3-4", "4-5"));
    assertThat(Normalized.text(new Replace("bb", ""), "bb")).isEmpty();
  }

  @Test
  void replace_takes_empty_matches_but_not_behind_another() {
    ByteMatcher everyX =
        (text, from, to, match) -> {
          match[0] = from;
          match[1] = from;
          while (match[1] < to && text[match[1]] == 'x') {
            match[1]++;
          }
          return true;
        };
    Normalizer replace = new Replace(everyX, "-");
    assertThat(Normalized.text(replace, "axxb")).isEqualTo("-a-b-");
    assertThat(Normalized.text(replace, "éxx")).isEqualTo("-é-");
    assertThat(Normalized.text(replace, "")).isEmpty();
  }

  @Test
  void prepend_leaves_an_empty_text_empty() {
    assertThat(Normalized.of(new Prepend("▁"), "ab"))
        .isEqualTo(normalized("▁ab", "0-1", "0-1", "1-2"));
    assertThat(Normalized.text(new Prepend("▁"), "")).isEmpty();
  }

  @Test
  void sequences_go_through_all_in_order() {
    Normalizer sequence =
        new Sequence(List.of(NormalizationForm.NFKD, new StripAccents(), new Lowercase()));
    assertThat(Normalized.of(sequence, "Éﬁ")).isEqualTo(normalized("efi", "0-2", "2-5", "2-5"));
    assertThat(Normalized.text(new Sequence(List.of()), "Ab")).isEqualTo("Ab");
    assertThat(sequence.leaves(Normalized.buffer("abc", false))).isTrue();
  }
}
