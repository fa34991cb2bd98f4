package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextOffsetsTest {
  /** Characters of 1, 2, 3 and 4 bytes. */
  private static final String TEXT = "a\u00E9\u20AC\uD83D\uDE42b";

  @ParameterizedTest
  @EnumSource
  void in_ascii_every_unit_is_the_byte(OffsetUnit unit) {
    TextOffsets offsets = TextOffsets.of("plain text", unit);
    assertThat(offsets.bytes()).isEqualTo(10);
    for (int i = 0; i <= 10; i++) {
      assertThat(offsets.at(i)).isEqualTo(i);
      assertThat(offsets.endAt(i)).isEqualTo(i);
    }
  }

  @Test
  void a_byte_stands_where_its_character_begins() {
    assertThat(begins(OffsetUnit.BYTES)).containsExactly(0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11);
    assertThat(begins(OffsetUnit.UTF16)).containsExactly(0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 5, 6);
    assertThat(begins(OffsetUnit.CODE_POINTS)).containsExactly(0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 5);
  }

  @Test
  void an_end_is_behind_the_whole_character() {
    assertThat(ends(OffsetUnit.BYTES)).containsExactly(0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10, 11);
    assertThat(ends(OffsetUnit.UTF16)).containsExactly(0, 1, 2, 2, 3, 3, 3, 5, 5, 5, 5, 6);
    assertThat(ends(OffsetUnit.CODE_POINTS)).containsExactly(0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5);
  }

  @Test
  void a_lone_surrogate_counts_as_the_replacement_character() {
    TextOffsets offsets = TextOffsets.of("\uD83Da\uDE42", OffsetUnit.UTF16);
    assertThat(offsets.bytes()).isEqualTo(7);
    assertThat(offsets.at(3)).isEqualTo(1);
    assertThat(offsets.at(7)).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void offsets_outside_the_text_are_refused(OffsetUnit unit) {
    for (String text : new String[] {"", "abc", TEXT}) {
      TextOffsets offsets = TextOffsets.of(text, unit);
      for (int bad : new int[] {-1, offsets.bytes() + 1}) {
        assertThatThrownBy(() -> offsets.at(bad)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> offsets.endAt(bad)).isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Property(tries = 500)
  void utf16_offsets_cut_the_string_where_its_bytes_are_cut(
      @ForAll @StringLength(max = 20) @CharRange(from = ' ', to = '\u3000') String text) {
    TextOffsets offsets = TextOffsets.of(text, OffsetUnit.UTF16);
    for (int i = 0; i <= text.length(); i++) {
      int bytes = text.substring(0, i).getBytes(StandardCharsets.UTF_8).length;
      assertThat(offsets.at(bytes)).isEqualTo(i);
      assertThat(offsets.endAt(bytes)).isEqualTo(i);
    }
  }

  private static int[] begins(OffsetUnit unit) {
    TextOffsets offsets = TextOffsets.of(TEXT, unit);
    return IntStream.rangeClosed(0, offsets.bytes()).map(offsets::at).toArray();
  }

  private static int[] ends(OffsetUnit unit) {
    TextOffsets offsets = TextOffsets.of(TEXT, unit);
    return IntStream.rangeClosed(0, offsets.bytes()).map(offsets::endAt).toArray();
  }
}
