package io.fundamentallm.tokenizers.unicode;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.icu.lang.UCharacter;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnicodeTablesTest {
  @Test
  void the_tables_are_what_their_generator_makes_of_unicode_16() throws IOException {
    assertThat(UCharacter.getUnicodeVersion().getMajor()).isEqualTo(16);
    for (Map.Entry<String, byte[]> table : UnicodeTables.all().entrySet()) {
      assertThat(Resource.read(table.getKey())).as(table.getKey()).isEqualTo(table.getValue());
    }
  }

  /** Counts of the tables of unicode_categories 0.1.1; of it all private use characters. */
  @Test
  void berts_classes_are_as_many_as_in_the_reference() {
    int[] counts = new int[4];
    for (int c = 0; c < 0x110000; c++) {
      counts[Unicode.bertClass(c)]++;
    }
    assertThat(counts[Unicode.BERT_MARK]).isEqualTo(1567);
    assertThat(counts[Unicode.BERT_PUNCTUATION]).isEqualTo(717);
    assertThat(counts[Unicode.BERT_CONTROL]).isEqualTo(65 + 150 + 137468);
  }
}
