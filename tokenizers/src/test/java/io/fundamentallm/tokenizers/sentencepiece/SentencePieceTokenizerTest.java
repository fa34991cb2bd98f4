package io.fundamentallm.tokenizers.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.DetokenizerOptions;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.SentencePieceProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class SentencePieceTokenizerTest {
  @TempDir Path directory;

  /** Llama's way: BPE, byte fallback, a dummy prefix, nothing removed. */
  public static SentencePieceFile llama() {
    SentencePieceFile file =
        new SentencePieceFile()
            .field(2, new byte[] {3 << 3, 2, (byte) 0x98, 2, 1})
            .field(3, new byte[] {4 << 3, 0})
            .piece("<unk>", 0, SentencePieceFile.UNKNOWN)
            .piece("<s>", 0, SentencePieceFile.CONTROL)
            .piece("</s>", 0, SentencePieceFile.CONTROL);
    for (int b = 0; b < 256; b++) {
      file.piece(String.format("<0x%02X>", b), 0, SentencePieceFile.BYTE);
    }
    file.piece("<|tool|>", 0, SentencePieceFile.USER_DEFINED);
    String[] merged = {"\u2581t", "he", "\u2581the", "\u2581\u2581", "in", "an", "\u2581a"};
    for (int i = 0; i < merged.length; i++) {
      file.piece(merged[i], -i, SentencePieceFile.NORMAL);
    }
    String single = "\u2581abcdefghijklmnopqrstuvwxyzIT.,|<>/\n\t\r\u00E9\u00EF\u0301";
    for (int i = 0; i < single.length(); i++) {
      file.piece(single.substring(i, i + 1), -100 - i, SentencePieceFile.NORMAL);
    }
    return file;
  }

  private Tokenizer load(SentencePieceFile file) throws IOException {
    return load(file.bytes());
  }

  private Tokenizer load(byte[] bytes) throws IOException {
    Files.write(directory.resolve("tokenizer.model"), bytes);
    return read(directory);
  }

  private static Tokenizer read(Path path) throws IOException {
    return new SentencePieceProvider().load(path, Options.of("sentencepiece", Map.of()));
  }

  private void config(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer_config.json"), json.replace('\'', '"'));
  }

  @Nested
  class Contract extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() throws IOException {
      return load(llama());
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return read(modelDirectory);
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }
  }

  @Test
  void a_word_with_an_unused_piece_has_the_same_tokens_and_offsets_each_time() throws IOException {
    Tokenizer tokenizer =
        load(
            SentencePieceFile.plain(2)
                .piece("a", -9, SentencePieceFile.NORMAL)
                .piece("b", -9, SentencePieceFile.NORMAL)
                .piece("ab", -1, SentencePieceFile.UNUSED));
    EncodingOptions offsets = EncodingOptions.builder().offsets(OffsetUnit.UTF16).build();
    for (int round = 0; round < 3; round++) {
      Encoding encoding = tokenizer.encode("abab", offsets);
      assertThat(encoding.ids()).containsExactly(2, 3, 2, 3);
      assertThat(encoding.starts()).containsExactly(0, 1, 2, 3);
      assertThat(encoding.ends()).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void control_pieces_are_found_where_they_are_allowed_only() throws IOException {
    Tokenizer tokenizer = load(llama());
    assertThat(tokenizer.encode("<s>the", SpecialTokens.all()))
        .containsExactly(1, tokenizer.vocabulary().id("\u2581the").getAsInt());
    assertThat(tokenizer.encode("<s>the")).doesNotContain(1);
    assertThat(tokenizer.vocabulary().special()).containsExactlyInAnyOrder(1, 2);
    int[] ids = tokenizer.encode("<s>the</s>", SpecialTokens.all());
    assertThat(tokenizer.decode(ids, DetokenizerOptions.plain().withSkipSpecialTokens(true)))
        .isEqualTo("the");
  }

  @Test
  void user_defined_pieces_are_found_always() throws IOException {
    Tokenizer tokenizer = load(llama());
    int tool = tokenizer.vocabulary().id("<|tool|>").getAsInt();
    assertThat(tokenizer.encode("a<|tool|>b")).contains(tool);
    assertThat(tokenizer.vocabulary().special()).doesNotContain(tool);
  }

  @Test
  void unknown_text_decodes_to_the_unknown_surface() throws IOException {
    SentencePieceFile file = SentencePieceFile.plain(2).piece("a", -1, SentencePieceFile.NORMAL);
    Tokenizer tokenizer = load(file);
    assertThat(tokenizer.encode("axya")).containsExactly(2, 0, 2);
    assertThat(tokenizer.decode(2, 0, 2)).isEqualTo("a \u2047 a");
    assertThat(tokenizer.vocabulary().unk()).hasValue(0);
  }

  @Test
  void a_beginning_is_added_where_the_model_has_one_and_else_an_end() throws IOException {
    EncodingOptions options = load(llama()).storedOptions();
    Encoding llama = load(llama()).encode("the", options);
    assertThat(llama.ids()[0]).isEqualTo(1);
    assertThat(llama.specialTokensMask()).containsExactly(1, 0);
    SentencePieceFile t5 =
        new SentencePieceFile()
            .piece("<pad>", 0, SentencePieceFile.CONTROL)
            .piece("</s>", 0, SentencePieceFile.CONTROL)
            .piece("<unk>", 0, SentencePieceFile.UNKNOWN)
            .piece("\u2581a", -1, SentencePieceFile.NORMAL);
    Tokenizer tokenizer = load(t5);
    assertThat(tokenizer.encode("a", tokenizer.storedOptions()).ids()).containsExactly(3, 1);
    assertThat(tokenizer.encodePair("a", "a", tokenizer.storedOptions()).ids())
        .containsExactly(3, 1, 3, 1);
    assertThat(tokenizer.vocabulary().pad()).hasValue(0);
  }

  @Test
  void a_configuration_decides_on_roles_and_on_what_is_added() throws IOException {
    config(
        "{'add_bos_token': false, 'add_eos_token': true, 'pad_token': '<unk>',"
            + " 'eos_token': {'content': '</s>'}, 'chat_template': '{{ bos_token }}x'}");
    Tokenizer tokenizer = load(llama());
    int[] ids = tokenizer.encode("the", tokenizer.storedOptions()).ids();
    assertThat(ids).hasSize(2).endsWith(2);
    assertThat(tokenizer.vocabulary().pad()).hasValue(0);
    assertThat(tokenizer.chatTemplate()).isPresent();
    tokenizer.save(directory.resolve("saved"));
    Tokenizer saved = read(directory.resolve("saved"));
    assertThat(saved.encode("the", saved.storedOptions()).ids()).isEqualTo(ids);
    assertThat(saved.vocabulary().special()).isEqualTo(tokenizer.vocabulary().special());
    assertThat(saved.chatTemplate()).isPresent();
    assertThat(directory.resolve("saved/tokenizer.model"))
        .hasSameBinaryContentAs(directory.resolve("tokenizer.model"));
  }

  @Test
  void a_role_that_no_piece_has_is_an_error_that_names_the_file() throws IOException {
    config("{'pad_token': '[PAD]'}");
    assertThatIOException()
        .isThrownBy(() -> load(llama()))
        .withMessageContaining("tokenizer_config.json, pad_token")
        .withMessageContaining("[PAD]");
  }

  @Test
  void offsets_are_those_of_the_text_before_replacements() throws IOException {
    Tokenizer tokenizer = load(llama());
    EncodingOptions options =
        EncodingOptions.builder().offsets(OffsetUnit.UTF16).allowed(SpecialTokens.all()).build();
    Encoding encoding = tokenizer.encode("the<s> \uD83D\uDE42 the", options);
    String[] forms =
        Arrays.stream(encoding.ids())
            .mapToObj(tokenizer.vocabulary()::token)
            .toArray(String[]::new);
    assertThat(forms)
        .containsExactly(
            "\u2581the",
            "<s>",
            "\u2581\u2581",
            "<0xF0>",
            "<0x9F>",
            "<0x99>",
            "<0x82>",
            "\u2581the");
    assertThat(encoding.starts()).containsExactly(0, 3, 6, 7, 7, 7, 7, 9);
    assertThat(encoding.ends()).containsExactly(3, 6, 7, 9, 9, 9, 9, 13);
  }

  @Test
  void a_directory_with_a_tokenizer_json_is_left_to_the_other_kind() throws IOException {
    Tokenizer tokenizer = load(llama());
    assertThat(tokenizer).hasToString("SentencePiece BPE tokenizer, 308 tokens");
    SentencePieceProvider provider = new SentencePieceProvider();
    assertThat(provider.supports(directory).supported()).isTrue();
    assertThat(provider.priority()).isNegative();
    Files.writeString(directory.resolve("tokenizer.json"), "{}");
    assertThat(provider.supports(directory).supported()).isFalse();
    assertThat(provider.supports(directory.resolve("tokenizer.model")).supported()).isTrue();
    Files.delete(directory.resolve("tokenizer.json"));
    Files.write(directory.resolve("spiece.model"), llama().bytes());
    assertThat(provider.supports(directory).reason()).contains("has 2 of the files");
  }

  @Test
  void a_file_of_tiktokens_under_the_name_is_recognised() throws IOException {
    byte[] ranks = "IQ== 0\nIg== 1\n".getBytes(StandardCharsets.US_ASCII);
    assertThatIOException()
        .isThrownBy(() -> load(ranks))
        .withMessageContaining("tokenizer.model, byte 0")
        .withMessageContaining("tiktoken(encoding=...)");
    assertThat(new SentencePieceProvider().supports(directory).reason()).contains("tiktoken");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 100, 1000})
  void a_truncated_file_is_an_io_exception_that_names_it(int length) {
    byte[] whole = llama().bytes();
    assertThatIOException()
        .isThrownBy(() -> load(Arrays.copyOf(whole, length)))
        .withMessageContaining("tokenizer.model");
  }

  @Test
  void a_missing_file_is_an_io_exception_that_names_it() {
    Path file = directory.resolve("tokenizer.model");
    assertThatIOException().isThrownBy(() -> read(file)).withMessageContaining(file.toString());
    assertThat(new SentencePieceProvider().supports(file).supported()).isFalse();
  }

  @Test
  void changed_bytes_give_a_working_tokenizer_or_an_io_exception() throws IOException {
    byte[] whole = llama().bytes();
    Random random = new Random(17);
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = SentencePieceFile.mutate(whole, random);
      try {
        Tokenizer tokenizer = load(bytes);
        for (String text : List.of("", " the <s>a\u00E9\uD83D\uDE42", "<|tool|>in an \n")) {
          int[] ids = tokenizer.encode(text, SpecialTokens.all());
          assertThat(tokenizer.decode(ids)).isNotNull();
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("tokenizer.model");
      }
    }
  }
}
