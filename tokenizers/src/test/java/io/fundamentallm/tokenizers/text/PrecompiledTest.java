package io.fundamentallm.tokenizers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrecompiledTest {
  private static final byte[] RULES =
      Charsmap.of(
          "\uFF21",
          "A",
          "\t",
          " ",
          "\u200B",
          "",
          "e\u0301",
          "\u00E9",
          "\uFB01",
          "fi",
          "\u00BD",
          "1\u20442");

  private static final Normalizer NORMALIZER = new Precompiled(new PrecompiledCharsmap(RULES));

  @Test
  void each_character_that_has_a_rule_is_replaced() {
    assertThat(Normalized.text(NORMALIZER, "a\uFF21\tb\u200Bc")).isEqualTo("aA bc");
    assertThat(Normalized.text(NORMALIZER, "\uFB01n \u00BD")).isEqualTo("fin 1\u20442");
    assertThat(Normalized.text(NORMALIZER, "plain text")).isEqualTo("plain text");
    assertThat(Normalized.text(NORMALIZER, "")).isEmpty();
  }

  @Test
  void a_cluster_is_looked_up_before_its_characters() {
    assertThat(Normalized.text(NORMALIZER, "re\u0301")).isEqualTo("r\u00E9");
    // all of a short cluster goes where it begins with what a rule replaces
    assertThat(Normalized.text(NORMALIZER, "\uFF21\u0301x")).isEqualTo("Ax");
    // a cluster of six bytes is looked up character by character
    assertThat(Normalized.text(NORMALIZER, "\uFF21\u20DDx")).isEqualTo("A\u20DDx");
  }

  @Test
  void a_replacement_has_the_source_of_all_that_it_replaces() {
    Normalized normalized = Normalized.of(NORMALIZER, "x\uFB01e\u0301");
    assertThat(normalized.text()).isEqualTo("xfi\u00E9");
    assertThat(normalized.sources()).containsExactly("0-1", "1-4", "1-4", "4-7");
  }

  @Test
  void the_longest_match_is_that_of_sentencepiece() {
    PrecompiledCharsmap rules = new PrecompiledCharsmap(Charsmap.of("a", "1", "ab", "2"));
    TextBuffer text = Normalized.buffer("abc", false);
    assertThat(rules.longest(text.bytes(), 0, 3) >>> 32).isEqualTo(2);
    assertThat(rules.longest(text.bytes(), 0, 1) >>> 32).isEqualTo(1);
    assertThat(rules.longest(text.bytes(), 1, 3)).isZero();
    assertThat(rules.shortest(text.bytes(), 0, 3)).isZero();
  }

  @Test
  void broken_charsmaps_are_refused_with_the_place() {
    broken(new byte[3], "only 3 bytes");
    broken(new byte[2000], "byte 0");
    byte[] endless = RULES.clone();
    endless[1] = 0x7F;
    broken(endless, "byte 0: a trie of");
    byte[] notUtf8 = RULES.clone();
    notUtf8[RULES.length - 2] = (byte) 0xFF;
    broken(notUtf8, "not UTF-8");
    byte[] outside = RULES.clone();
    outside[4 + 3] = 0x7F;
    broken(outside, "byte 4: a node's children");
  }

  private static void broken(byte[] blob, String what) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrecompiledCharsmap(blob))
        .withMessageContaining(what);
  }

  @Test
  void changed_bytes_give_a_working_charsmap_or_are_refused() {
    Random random = new Random(23);
    for (int i = 0; i < 5000; i++) {
      byte[] blob = Arrays.copyOf(RULES, RULES.length - random.nextInt(2) * random.nextInt(20));
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        blob[random.nextInt(blob.length)] = (byte) random.nextInt(256);
      }
      try {
        Normalizer normalizer = new Precompiled(new PrecompiledCharsmap(blob));
        assertThat(Normalized.text(normalizer, "\uFF21\te\u0301 \uD83D\uDE42")).isNotNull();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("precompiled_charsmap");
      }
    }
  }
}
