package io.fundamentallm.tokenizers.model;

import static io.fundamentallm.tokenizers.model.Segmented.ids;
import static io.fundamentallm.tokenizers.model.Segmented.ranges;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnigramTest {
  private static Unigram model(String[] forms, double... scores) {
    return new Unigram(Segmented.bytes(forms), scores, 0, false);
  }

  private static String[] forms(String... forms) {
    return forms;
  }

  @Test
  void the_likeliest_segmentation_wins() {
    Unigram model = model(forms("<unk>", "a", "b", "ab", "abc", "c"), 0, -1, -1, -1.5, -4, -1);
    assertThat(ids(model, "ab")).containsExactly(3);
    assertThat(ids(model, "abc")).containsExactly(3, 5);
    assertThat(ids(model, "cab")).containsExactly(5, 3);
    assertThat(ids(model, "")).isEmpty();
  }

  @Test
  void of_equal_paths_the_one_that_was_found_first_wins() {
    // to each place paths are tried in the order of where their last token begins
    Unigram longer = model(forms("<unk>", "a", "b", "ab"), 0, -1, -1, -2);
    assertThat(ids(longer, "ab")).containsExactly(3);
    Unigram middle = model(forms("<unk>", "a", "b", "ab", "ba"), 0, -1, -1, -2, -2);
    assertThat(ids(middle, "aba")).containsExactly(1, 4);
  }

  @Test
  void of_equal_strings_the_last_one_counts() {
    assertThat(ids(model(forms("<unk>", "a", "a"), 0, -1, -9), "a")).containsExactly(2);
  }

  @Test
  void neighbouring_unknown_characters_are_one_token() {
    Unigram model = model(forms("<unk>", "a"), 0, -1);
    assertThat(ranges(model, "xya\u00E9")).isEqualTo("0:0-2 1:2-3 0:3-5");
    assertThat(ranges(model, "x", "y")).isEqualTo("0:0-1 0:1-2");
  }

  @Test
  void an_unknown_character_costs_ten_more_than_the_least_likely_token() {
    // "ab" at -25 loses to "a" and an unknown "b", -1 - 10 - 10, unless it is likelier
    assertThat(ids(model(forms("<unk>", "a", "ab", "z"), 0, -1, -25, -10), "ab"))
        .containsExactly(2);
    assertThat(ids(model(forms("<unk>", "a", "z", "ab"), 0, -1, -2, -14), "ab")).containsExactly(3);
  }

  @Test
  void unknown_characters_become_bytes_where_every_one_of_them_has_a_token() {
    List<String> forms = new ArrayList<>(List.of("<unk>", "a"));
    for (int b = 0; b < 256; b++) {
      forms.add(String.format("<0x%02X>", b));
    }
    String[] all = forms.toArray(new String[0]);
    Unigram model = new Unigram(Segmented.bytes(all), new double[all.length], 0, true);
    assertThat(ids(model, "a\u00E9a")).containsExactly(1, 2 + 0xC3, 2 + 0xA9, 1);
    assertThat(ranges(model, "\u00E9")).isEqualTo("197:0-2 171:0-2");
    Unigram some =
        new Unigram(Segmented.bytes("<unk>", "a", "<0xC3>"), new double[] {0, -1, -1}, 0, true);
    assertThat(ids(some, "a\u00E9a")).containsExactly(1, 0, 1);
  }

  @Test
  void the_same_piece_twice_gives_the_same_tokens_at_another_place() {
    Unigram model = model(forms("<unk>", "a", "b", "ab"), 0, -1, -1, -1.5);
    assertThat(ranges(model, "abb", "abb", "abb")).isEqualTo("3:0-2 2:2-3 3:3-5 2:5-6 3:6-8 2:8-9");
  }

  @Test
  void without_an_unknown_token_unknown_text_is_an_error_that_names_it() {
    Unigram model = new Unigram(Segmented.bytes("a"), new double[] {-1}, Unigram.NONE, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ids(model, "ax"))
        .withMessageContaining("from 1 to 2");
  }

  @Test
  void what_is_no_vocabulary_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(forms("a", "b"), 0))
        .withMessageContaining("2 pieces, but 1 scores");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(forms("a"), Double.NaN))
        .withMessageContaining("piece 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Unigram(Segmented.bytes("a"), new double[1], 1, false))
        .withMessageContaining("unk_id 1");
  }
}
