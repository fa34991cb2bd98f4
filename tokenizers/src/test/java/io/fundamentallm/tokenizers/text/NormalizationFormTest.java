package io.fundamentallm.tokenizers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.ibm.icu.lang.UCharacter;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The forms against the JDK's, of characters that Unicode 9.0 has. */
class NormalizationFormTest {
  private static final Map<Form, Normalizer> FORMS =
      new EnumMap<>(
          Map.of(
              Form.NFC, NormalizationForm.NFC,
              Form.NFD, NormalizationForm.NFD,
              Form.NFKC, NormalizationForm.NFKC,
              Form.NFKD, NormalizationForm.NFKD));

  private static boolean known(int c) {
    int age = UCharacter.getAge(c).getMajor();
    return age > 0 && age <= 9 && !(c >= 0xD800 && c <= 0xDFFF);
  }

  private static void eachRandomText(Consumer<String> test) {
    Random random = new Random(20240917);
    List<Integer> lively = new ArrayList<>();
    for (int c = 0x80; c < 0x30000; c++) {
      if (known(c)
          && (UCharacter.getCombiningClass(c) > 0
              || !java.text.Normalizer.isNormalized(Character.toString(c), Form.NFKD)
              || (c >= 0x1100 && c < 0x1200))) {
        lively.add(c);
      }
    }
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(16); left > 0; left--) {
        switch (random.nextInt(4)) {
          case 0 -> text.append((char) (' ' + random.nextInt(95)));
          case 1 -> text.append((char) (0x300 + random.nextInt(0x70)));
          case 2 -> text.append((char) (0xC0 + random.nextInt(0x140)));
          default -> text.appendCodePoint(lively.get(random.nextInt(lively.size())));
        }
      }
      test.accept(text.toString());
    }
  }

  @Test
  void every_character_is_normalized_as_by_the_jdk() {
    FORMS.forEach(
        (form, normalizer) -> {
          for (int c = 0; c < 0x110000; c++) {
            if (known(c)) {
              String text = "a" + Character.toString(c) + "b";
              String expected = java.text.Normalizer.normalize(text, form);
              if (!Normalized.text(normalizer, text).equals(expected)) {
                fail("%s of U+%04X", form, c);
              }
            }
          }
        });
  }

  @Test
  void random_texts_are_normalized_as_by_the_jdk() {
    FORMS.forEach(
        (form, normalizer) ->
            eachRandomText(
                text ->
                    assertThat(Normalized.text(normalizer, text))
                        .as("%s of %s", form, text)
                        .isEqualTo(java.text.Normalizer.normalize(text, form))));
  }

  @Test
  void forms_are_idempotent_and_composing_undoes_decomposing() {
    eachRandomText(
        text -> {
          for (Normalizer form : FORMS.values()) {
            String once = Normalized.text(form, text);
            assertThat(Normalized.text(form, once)).isEqualTo(once);
          }
          String decomposed = Normalized.text(NormalizationForm.NFD, text);
          assertThat(Normalized.text(NormalizationForm.NFC, decomposed))
              .isEqualTo(Normalized.text(NormalizationForm.NFC, text));
        });
  }

  @Test
  void many_marks_take_their_order() {
    String marks = "\u0301\u0323".repeat(5_000);
    for (Map.Entry<Form, Normalizer> form : FORMS.entrySet()) {
      assertThat(Normalized.text(form.getValue(), "a" + marks + "b"))
          .isEqualTo(java.text.Normalizer.normalize("a" + marks + "b", form.getKey()));
    }
  }

  @Test
  void long_korean_text_is_decomposed_and_composed() {
    String text = "한국어 각각".repeat(3_000) + "각".repeat(5_000);
    String decomposed = java.text.Normalizer.normalize(text, Form.NFD);
    assertThat(Normalized.text(NormalizationForm.NFD, text)).isEqualTo(decomposed);
    assertThat(Normalized.text(NormalizationForm.NFC, decomposed)).isEqualTo(text);
  }

  @Test
  void characters_newer_than_the_references_tables_stay() {
    assertThat(Normalized.text(NormalizationForm.NFKC, "\u32FF")).isEqualTo("\u32FF"); // 12.1
    assertThat(Normalized.text(NormalizationForm.NFD, "\uD806\uDD38"))
        .isEqualTo("\uD806\uDD38"); // 13
  }

  @Test
  void sources_go_by_position() {
    // the expected ones are those of Hugging Face's tokenizers 0.21
    assertThat(Normalized.of(NormalizationForm.NFC, "e\u0327\u0301x"))
        .isEqualTo(new Normalized("\u0229\u0301x", List.of("0-1", "3-5", "5-6")));
    assertThat(Normalized.of(NormalizationForm.NFD, "a\u0315\u0300\u05AEb"))
        .isEqualTo(
            new Normalized("a\u05AE\u0300\u0315b", List.of("0-1", "1-3", "3-5", "5-7", "7-8")));
    assertThat(Normalized.of(NormalizationForm.NFKD, "\u1E9B\u0323x"))
        .isEqualTo(new Normalized("s\u0323\u0307x", List.of("0-3", "3-5", "3-5", "5-6")));
    assertThat(Normalized.of(NormalizationForm.NFKC, "\uFB01a"))
        .isEqualTo(new Normalized("fia", List.of("0-3", "0-3", "3-4")));
  }

  @Test
  void sources_ascend_within_the_text() {
    eachRandomText(
        text -> {
          for (Normalizer form : FORMS.values()) {
            int last = 0;
            for (String source : Normalized.of(form, text).sources()) {
              int start = Integer.parseInt(source.substring(0, source.indexOf('-')));
              int end = Integer.parseInt(source.substring(source.indexOf('-') + 1));
              if (start < last || end < start || end > 4 * text.length()) {
                fail("%s after %d in %s", source, last, text);
              }
              last = start;
            }
          }
        });
  }
}
