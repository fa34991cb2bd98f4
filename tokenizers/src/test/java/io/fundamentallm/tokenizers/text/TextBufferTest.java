package io.fundamentallm.tokenizers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TextBufferTest {
  @Test
  void a_text_is_cut_off() {
    TextBuffer buffer = Normalized.buffer("abc", true);
    buffer.truncate(1);
    buffer.add('x', 5, 6);
    assertThat(buffer.length()).isEqualTo(2);
    assertThat(buffer.bytes()).startsWith('a', 'x');
    assertThat(buffer.sourceStart(1)).isEqualTo(5);
  }

  @Test
  void a_text_cannot_be_cut_to_more_than_it_has() {
    TextBuffer buffer = Normalized.buffer("abc", false);
    for (int length : new int[] {-1, 4}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> buffer.truncate(length))
          .withMessageContaining("3 bytes");
    }
  }
}
