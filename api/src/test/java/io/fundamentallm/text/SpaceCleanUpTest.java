package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SpaceCleanUpTest {
  @Test
  void spaces_go_before_punctuation_and_in_contractions() {
    String text = "Hello , you 're here . I do n't , it 's I 'm ! We 've won ? the dogs ' bones";
    assertThat(cleaned(text, 1))
        .isEqualTo("Hello, you're here. I don't, it's I'm! We've won? the dogs'bones");
  }

  @Test
  void a_space_is_held_until_what_follows_is_known() {
    SpaceCleanUp layer = new SpaceCleanUp();
    assertThat(layer.append("a ")).isEqualTo("a");
    assertThat(layer.append("n")).isEmpty();
    assertThat(layer.append("")).isEmpty();
    assertThat(layer.append("'")).isEmpty();
    assertThat(layer.finish("")).isEqualTo(" n'");
    assertThat(layer.append("s")).isEqualTo(" n's");
  }

  @Property(tries = 5000)
  void however_cut_the_text_is_that_of_replacing_one_after_another(
      @ForAll("crowded") String text, @ForAll int cuts) {
    assertThat(cleaned(text, cuts)).isEqualTo(reference(text));
  }

  @Provide
  Arbitrary<String> crowded() {
    return Arbitraries.strings().withChars("  '.,nsmtrev").ofMaxLength(24);
  }

  /** Each bit of {@code cuts} says whether the text is cut there. */
  private static String cleaned(String text, int cuts) {
    SpaceCleanUp layer = new SpaceCleanUp();
    StringBuilder cleaned = new StringBuilder();
    int from = 0;
    for (int i = 1; i <= text.length(); i++) {
      if ((cuts >> (i % 32) & 1) == 1) {
        cleaned.append(layer.append(text.substring(from, i)));
        from = i;
      }
    }
    return cleaned.append(layer.finish(text.substring(from))).toString();
  }

  /** As clean_up_tokenization of Hugging Face transformers. */
  private static String reference(String text) {
    return text.replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }
}
