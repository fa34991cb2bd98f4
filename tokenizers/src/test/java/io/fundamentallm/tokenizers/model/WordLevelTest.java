package io.fundamentallm.tokenizers.model;

import static io.fundamentallm.tokenizers.model.Segmented.ids;
import static io.fundamentallm.tokenizers.model.Segmented.ranges;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WordLevelTest {
  private static final ByteStrings VOCABULARY = Segmented.strings("<unk>", "the", "caf\u00E9");

  @Test
  void each_piece_is_a_token_or_unknown() {
    WordLevel model = new WordLevel(VOCABULARY, 0);
    assertThat(ranges(model, "the", "caf\u00E9", "th")).isEqualTo("1:0-3 2:3-8 0:8-10");
    assertThat(ids(model)).isEmpty();
  }

  @Test
  void without_an_unknown_token_unknown_pieces_are_an_error() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ids(new WordLevel(VOCABULARY, -1), "the", "th"))
        .withMessageContaining("from 3 to 5");
  }
}
