package io.fundamentallm.tokenizers.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.SentencePieceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentencePieceGoldenTest {
  private static final Registry REGISTRY = Registry.of().with(new SentencePieceProvider());

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "spm_t5, files/t5/spiece.model, spiece.model",
    "spm_spm-test_model, files/spm-test/test_model.model, spm.model",
    "spm_spm-test_ja_model, files/spm-test/test_ja_model.model, sentencepiece.bpe.model",
    "spm_trained_bpe1000, training/spm_bpe_tinyshakespeare_1000.model, tokenizer.model",
    "spm_trained_unigram1000, training/spm_unigram_tinyshakespeare_1000.model, source.spm"
  })
  void ids_and_decoded_texts_are_those_of_sentencepiece(String name, String file, String as)
      throws IOException {
    Files.write(directory.resolve(as), SentencePieceVectors.bytes(file));
    Tokenizer tokenizer = Tokenizers.load(directory, REGISTRY);
    List<SentencePieceVectors> vectors = SentencePieceVectors.read(name);
    SentencePieceVectors.assertMany(vectors);
    int decoded = 0;
    for (SentencePieceVectors vector : vectors) {
      String text = vector.text();
      assertThat(tokenizer.encode(text)).as("ids of \"%s\"", text).isEqualTo(vector.ids());
      assertThat(tokenizer.count(text)).isEqualTo(vector.ids().length);
      assertOffsets(tokenizer, vector);
      if (vector.decoded() != null) {
        assertThat(tokenizer.decode(vector.ids())).as("text %s", text).isEqualTo(vector.decoded());
        decoded++;
      }
    }
    System.out.printf("%s: %d texts equal, %d of them decoded%n", name, vectors.size(), decoded);
  }

  /** Tokens follow on each other in the text, and are found where they point to. */
  private static void assertOffsets(Tokenizer tokenizer, SentencePieceVectors vector) {
    EncodingOptions options = EncodingOptions.builder().offsets(OffsetUnit.UTF16).build();
    Encoding encoding = tokenizer.encode(vector.text(), options);
    assertThat(encoding.ids()).isEqualTo(vector.ids());
    int before = 0;
    for (int i = 0; i < encoding.length(); i++) {
      int start = encoding.starts()[i];
      int end = encoding.ends()[i];
      assertThat(start).isBetween(before, vector.text().length());
      assertThat(end).isBetween(start, vector.text().length());
      before = start;
      String form = tokenizer.vocabulary().token(vector.ids()[i]).replace("\u2581", "");
      boolean ascii = form.chars().allMatch(c -> c > ' ' && c < 0x7F) && !form.startsWith("<");
      // what replacements make of a full-width letter is another matter
      if (ascii && vector.text().chars().allMatch(c -> c < 0x7F)) {
        // control characters are removed or become spaces
        String covered = vector.text().substring(start, end).replaceAll("[\\x00-\\x20\\x7F]", "");
        assertThat(covered).isEqualTo(form);
      }
    }
  }
}
