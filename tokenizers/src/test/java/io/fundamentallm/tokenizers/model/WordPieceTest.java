package io.fundamentallm.tokenizers.model;

import static io.fundamentallm.tokenizers.model.Segmented.ids;
import static io.fundamentallm.tokenizers.model.Segmented.ranges;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WordPieceTest {
  private static final ByteStrings VOCABULARY =
      Segmented.strings(
          "[UNK]", "un", "##aff", "##able", "##a", "a", "unaff", "\u00E9", "##\u00E9");

  private static WordPiece model(int maxCharacters) {
    return new WordPiece(VOCABULARY, 0, "##", maxCharacters);
  }

  @Test
  void a_word_is_cut_into_the_longest_tokens_from_its_beginning() {
    assertThat(ranges(model(100), "unaffable")).isEqualTo("6:0-5 3:5-9");
    assertThat(ids(model(100), "unable", "una")).containsExactly(1, 3, 1, 4);
  }

  @Test
  void a_word_that_cannot_be_cut_is_one_unknown_token() {
    assertThat(ranges(model(100), "unaffx", "a")).isEqualTo("0:0-6 5:6-7");
    // the longest token first, even where a shorter one would lead on
    ByteStrings greedy = Segmented.strings("[UNK]", "ab", "a", "##bc");
    assertThat(ids(new WordPiece(greedy, 0, "##", 100), "abc")).containsExactly(0);
  }

  @Test
  void a_continuing_token_begins_no_word_unless_it_is_written_so() {
    assertThat(ids(model(100), "aff")).containsExactly(0);
    assertThat(ids(model(100), "##aff")).containsExactly(2);
  }

  @Test
  void a_word_of_more_characters_than_that_is_unknown() {
    assertThat(ids(model(3), "\u00E9\u00E9\u00E9")).containsExactly(7, 8, 8);
    assertThat(ids(model(3), "\u00E9\u00E9\u00E9\u00E9")).containsExactly(0);
    assertThat(ids(model(2), "una")).containsExactly(0);
  }

  @Test
  void without_an_unknown_token_unknown_words_are_an_error() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ids(new WordPiece(VOCABULARY, -1, "##", 100), "xyz"))
        .withMessageContaining("from 0 to 3");
  }
}
