package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Utf8DetokenizerTest {
  private static final Tokenizer BYTES = ByteTokenizer.plain();

  @Test
  void a_code_point_appears_with_its_last_byte() {
    Detokenizer detokenizer = BYTES.detokenizer();
    assertThat(detokenizer.append('a')).isEqualTo("a");
    assertThat(detokenizer.append(0xF0)).isEmpty();
    assertThat(detokenizer.append(0x9F)).isEmpty();
    assertThat(detokenizer.append(0x99)).isEmpty();
    assertThat(detokenizer.append(0x82)).isEqualTo("\uD83D\uDE42");
    assertThat(detokenizer.finish()).isEmpty();
  }

  @Test
  void what_cannot_become_a_code_point_any_more_is_replaced_at_once() {
    Detokenizer detokenizer = BYTES.detokenizer();
    assertThat(detokenizer.append(0xE2)).isEmpty();
    assertThat(detokenizer.append('a')).isEqualTo("\uFFFDa");
    assertThat(detokenizer.append(0x80)).isEqualTo("\uFFFD");
    assertThat(detokenizer.append(0xFF)).isEqualTo("\uFFFD");
  }

  @Test
  void an_incomplete_code_point_is_replaced_at_the_end() {
    Detokenizer detokenizer = BYTES.detokenizer();
    detokenizer.append(0xE2);
    detokenizer.append(0x82);
    assertThat(detokenizer.finish()).isEqualTo("\uFFFD");
  }

  @Property(tries = 2000)
  void any_bytes_decode_as_the_platform_decodes_them(@ForAll @Size(max = 24) byte[] bytes) {
    assertThat(BYTES.decode(ids(bytes))).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
  }

  @Property(tries = 500)
  void rolling_back_and_reading_again_changes_nothing(
      @ForAll @Size(max = 12) byte[] bytes, @ForAll @Size(max = 6) byte[] others) {
    Detokenizer detokenizer = BYTES.detokenizer();
    StringBuilder text = new StringBuilder();
    for (int id : ids(bytes)) {
      for (int other : ids(others)) {
        detokenizer.append(other);
      }
      detokenizer.rollback(others.length);
      text.append(detokenizer.append(id));
    }
    assertThat(text.append(detokenizer.finish()).toString())
        .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
  }

  private static int[] ids(byte[] bytes) {
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xFF;
    }
    return ids;
  }
}
