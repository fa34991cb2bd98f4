package io.fundamentallm.tokenizers.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentencePieceReaderTest {
  private static int[] encode(SentencePieceModel model, String text) {
    TextBuffer in = new TextBuffer();
    TextBuffer normalized = new TextBuffer();
    SentencePieceVectors.fill(text, in);
    normalized.clear(true);
    SentencePieceNormalizer.of(model).normalize(in, normalized);
    normalized.reserve(32);
    Pieces pieces = new Pieces();
    pieces.add(0, normalized.length());
    TokenSink out = new TokenSink();
    out.clear(true);
    model.segmenter().encode(normalized.bytes(), pieces, out);
    return Arrays.copyOf(out.reserve(0), out.length());
  }

  private static SentencePieceFile bpe() {
    return SentencePieceFile.plain(2)
        .piece("a", -9, SentencePieceFile.NORMAL)
        .piece("b", -9, SentencePieceFile.NORMAL)
        .piece("ab", -1, SentencePieceFile.NORMAL);
  }

  @Test
  void control_pieces_in_text_are_text() throws IOException {
    assertThat(encode(bpe().model(), "<s>")).containsExactly(0);
  }

  @Test
  void an_unused_piece_is_taken_apart_but_joined_on_the_way() throws IOException {
    SentencePieceModel model =
        SentencePieceFile.plain(2)
            .piece("a", -9, SentencePieceFile.NORMAL)
            .piece("b", -9, SentencePieceFile.NORMAL)
            .piece("ab", -1, SentencePieceFile.UNUSED)
            .piece("abb", -2, SentencePieceFile.NORMAL)
            .model();
    assertThat(encode(model, "ab")).containsExactly(2, 3);
    assertThat(encode(model, "abb")).containsExactly(5);
    assertThat(encode(model, "ababb")).containsExactly(2, 3, 5);
  }

  @Test
  void user_defined_symbols_are_never_joined() throws IOException {
    SentencePieceModel model =
        bpe()
            .piece("ba", 0, SentencePieceFile.USER_DEFINED)
            .piece("aba", 0, SentencePieceFile.NORMAL)
            .model();
    assertThat(encode(model, "aba")).containsExactly(2, 5);
    assertThat(encode(model, "ba ab")).containsExactly(5, 0, 4);
  }

  @Test
  void neighbouring_unknown_characters_are_one_token() throws IOException {
    assertThat(encode(bpe().model(), "xyaz")).containsExactly(0, 2, 0);
  }

  @Test
  void word_and_character_models_look_up_their_units() throws IOException {
    SentencePieceModel words =
        SentencePieceFile.plain(3)
            .piece("go", -1, SentencePieceFile.NORMAL)
            .piece("\u2581on", -1, SentencePieceFile.NORMAL)
            .model();
    assertThat(encode(words, "go on on it")).containsExactly(2, 3, 3, 0);
    SentencePieceModel characters =
        SentencePieceFile.plain(4)
            .piece("\u2581", -1, SentencePieceFile.NORMAL)
            .piece("\u00E9", -1, SentencePieceFile.NORMAL)
            .model();
    assertThat(encode(characters, "\u00E9 xx\u00E9")).containsExactly(3, 2, 0, 3);
  }

  @Test
  void broken_files_are_errors_that_name_file_and_place() {
    assertBroken(new SentencePieceFile().raw((byte) 0x0A), "byte 1: a number is cut off");
    assertBroken(new SentencePieceFile().raw((byte) 0x0A, (byte) 0x7F), "127 bytes are announced");
    assertBroken(
        new SentencePieceFile()
            .raw((byte) 0x0A, (byte) -1, (byte) -1, (byte) -1, (byte) -1, (byte) -1)
            .raw((byte) -1, (byte) -1, (byte) -1, (byte) -1, (byte) 1),
        "18446744073709551615 bytes are announced");
    assertBroken(new SentencePieceFile().raw((byte) 0x0B), "byte 1: field 1 has the wire type 3");
    assertBroken(new SentencePieceFile().raw((byte) 0), "no field has the tag 0");
    assertBroken(new SentencePieceFile(), "none of the 0 is unknown");
    assertBroken(bpe().piece("a", 0, SentencePieceFile.NORMAL), "the same as piece 2");
    assertBroken(bpe().piece("", 0, SentencePieceFile.NORMAL), "piece 5 is empty");
    assertBroken(bpe().piece("c", Float.NaN, SentencePieceFile.NORMAL), "finite number");
    assertBroken(bpe().piece("c", 0, 9), "has the type 9");
    assertBroken(bpe().piece("<0x41>", 0, SentencePieceFile.BYTE), "byte_fallback is off");
    assertBroken(
        bpe().piece(new byte[] {(byte) 0xC3}, 0, SentencePieceFile.NORMAL), "a text is not UTF-8");
    assertBroken(SentencePieceFile.plain(5), "there is no model type 5");
    // field 2 of a normalizer_spec: a charsmap
    assertBroken(bpe().field(3, new byte[] {0x12, 2, 1, 1}), "precompiled_charsmap");
  }

  private static void assertBroken(SentencePieceFile file, String what) {
    assertThatThrownBy(file::model)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("test.model")
        .hasMessageContaining(what);
  }

  @Test
  void a_file_that_is_too_large_is_an_error() {
    assertThatThrownBy(() -> SentencePieceReader.parse("test.model", new byte[(64 << 20) + 1]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("larger");
  }

  @Test
  void changed_bytes_give_a_working_model_or_an_io_exception() {
    byte[] whole = bpe().piece("<0xZZ>", 0, SentencePieceFile.USER_DEFINED).bytes();
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      try {
        SentencePieceModel model =
            SentencePieceReader.parse("test.model", SentencePieceFile.mutate(whole, random));
        int[] ids = encode(model, "ab <s> \u00E9 ba <0xZZ>ab");
        SentencePieceDecoder decoder = new SentencePieceDecoder(model, Set.of());
        for (int id : ids) {
          assertThat(decoder.bytes(id, -1)).isNotNull();
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("test.model");
      }
    }
  }

  @Test
  void changed_bytes_of_a_real_model_give_a_working_model_or_an_io_exception() throws IOException {
    byte[] whole = SentencePieceVectors.bytes("training/spm_unigram_tinyshakespeare_1000.model");
    Random random = new Random(13);
    for (int i = 0; i < 300; i++) {
      try {
        SentencePieceModel model =
            SentencePieceReader.parse("test.model", SentencePieceFile.mutate(whole, random));
        int[] ids = encode(model, "\uFF21bc \u00E9e\u0301 \uFB01 <s>\u2581\r\n");
        SentencePieceDecoder decoder = new SentencePieceDecoder(model, Set.of());
        for (int id : ids) {
          assertThat(decoder.bytes(id, -1)).isNotNull();
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("test.model");
      }
    }
  }
}
