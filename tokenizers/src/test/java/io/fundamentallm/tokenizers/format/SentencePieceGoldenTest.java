package io.fundamentallm.tokenizers.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentencePieceGoldenTest {
  @ParameterizedTest
  @CsvSource({
    "spm_t5, files/t5/spiece.model",
    "spm_spm-test_model, files/spm-test/test_model.model",
    "spm_spm-test_ja_model, files/spm-test/test_ja_model.model",
    "spm_trained_bpe1000, training/spm_bpe_tinyshakespeare_1000.model",
    "spm_trained_unigram1000, training/spm_unigram_tinyshakespeare_1000.model"
  })
  void ids_and_decoded_texts_are_those_of_sentencepiece(String name, String file)
      throws IOException {
    SentencePieceModel model =
        SentencePieceReader.parse(file, SentencePieceVectors.bytes(file));
    SentencePieceNormalizer normalizer = SentencePieceNormalizer.of(model);
    Model segmenter = model.segmenter();
    SentencePieceDecoder decoder = new SentencePieceDecoder(model);
    TextBuffer text = new TextBuffer();
    TextBuffer normalized = new TextBuffer();
    Pieces pieces = new Pieces();
    TokenSink out = new TokenSink();
    List<SentencePieceVectors> vectors = SentencePieceVectors.read(name);
    SentencePieceVectors.assertMany(vectors);
    int decoded = 0;
    for (SentencePieceVectors vector : vectors) {
      SentencePieceVectors.fill(vector.text(), text);
      normalized.clear(true);
      normalizer.normalize(text, normalized);
      normalized.room(32);
      pieces.clear();
      pieces.add(0, normalized.length());
      out.clear(true);
      segmenter.encode(normalized.bytes(), pieces, out);
      assertThat(out.toArray()).as("ids of \"%s\"", vector.text()).isEqualTo(vector.ids());
      assertSourcesAreOrdered(normalized, text.length());
      if (vector.decoded() != null) {
        assertThat(new String(decoder.decode(vector.ids()), StandardCharsets.UTF_8))
            .isEqualTo(vector.decoded());
        decoded++;
      }
    }
    System.out.printf("%s: %d texts equal, %d of them decoded%n", name, vectors.size(), decoded);
  }

  private static void assertSourcesAreOrdered(TextBuffer normalized, int length) {
    int before = 0;
    for (int i = 0; i < normalized.length(); i++) {
      assertThat(normalized.sourceStart(i)).isBetween(before, length);
      assertThat(normalized.sourceEnd(i)).isBetween(normalized.sourceStart(i), length);
      before = normalized.sourceStart(i);
    }
  }
}
