package io.fundamentallm.tokenizers.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.GgufProvider;
import io.fundamentallm.tokenizers.gguf.section.GgufPatterns;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFile;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceTokenizerTest;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTokenizersTest {
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String TYPES = "tokenizer.ggml.token_type";

  @TempDir Path directory;

  static GgufWriter llama() throws IOException {
    return GgufConversions.sentencePiece(SentencePieceTokenizerTest.llama().model(), "llama")
        .bool("tokenizer.ggml.add_space_prefix", true)
        .uint32("tokenizer.ggml.bos_token_id", 1)
        .uint32("tokenizer.ggml.eos_token_id", 2);
  }

  static GgufWriter gpt2(String pre) {
    List<String> tokens = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(PrintableBytes.of(b)));
    }
    tokens.addAll(List.of("he", "\u0120t", "\u0120the", "<|end|>", "<tool>", "[PAD]"));
    int[] types = new int[tokens.size()];
    Arrays.fill(types, 1);
    types[259] = GgufTokenizer.CONTROL;
    types[260] = GgufTokenizer.USER_DEFINED;
    types[261] = GgufTokenizer.UNUSED;
    return new GgufWriter()
        .string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", pre)
        .strings(TOKENS, tokens)
        .ints(TYPES, types)
        .strings("tokenizer.ggml.merges", List.of("h e", "\u0120 t", "\u0120t he"))
        .uint32("tokenizer.ggml.eos_token_id", 259);
  }

  static GgufWriter bert() {
    return new GgufWriter()
        .string("tokenizer.ggml.model", "bert")
        .strings(
            TOKENS,
            List.of(
                "[PAD]",
                "[UNK]",
                "[CLS]",
                "[SEP]",
                "\u2581the",
                "\u2581token",
                "ize",
                "r",
                "\u2581.",
                "\u2581a"))
        .ints(TYPES, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1);
  }

  private Tokenizer load(GgufWriter file) throws IOException {
    return load(file.bytes());
  }

  private Tokenizer load(byte[] bytes) throws IOException {
    return read(Files.write(directory.resolve("model.gguf"), bytes));
  }

  private static Tokenizer read(Path path) throws IOException {
    return new GgufProvider().load(path, Options.of("gguf", Map.of()));
  }

  @Test
  void byte_level_tokens_are_control_tokens_or_text_by_their_type() throws IOException {
    Tokenizer tokenizer = load(gpt2("qwen2"));
    assertThat(tokenizer.encode(" the")).containsExactly(258);
    assertThat(tokenizer.encode("<|end|>")).doesNotContain(259);
    assertThat(tokenizer.encode("<|end|><tool>", SpecialTokens.all())).containsExactly(259, 260);
    assertThat(tokenizer.encode("<tool>")).containsExactly(260);
    assertThat(tokenizer.encode("[PAD]", SpecialTokens.all())).doesNotContain(261);
    assertThat(tokenizer.vocabulary().special()).containsExactly(259);
    assertThat(tokenizer.vocabulary().eos()).hasValue(259);
  }

  @Test
  void what_the_chat_template_writes_is_a_control_token() throws IOException {
    Tokenizer tokenizer = load(gpt2("gpt-2").string("tokenizer.chat_template", "<tool>x"));
    assertThat(tokenizer.encode("<tool>")).doesNotContain(260);
    assertThat(tokenizer.vocabulary().special()).containsExactly(259, 260);
    assertThat(tokenizer.chatTemplate()).isPresent();
  }

  @Test
  void what_the_chat_template_only_mentions_is_none() throws IOException {
    Tokenizer tokenizer =
        load(
            gpt2("gpt-2")
                .string(
                    "tokenizer.chat_template",
                    "{# <tool> #}{{ messages[0].content.split('<tool>')[0] }}"));
    assertThat(tokenizer.encode("<tool>")).containsExactly(260);
    assertThat(tokenizer.vocabulary().special()).containsExactly(259);
  }

  @Test
  void user_defined_pieces_of_spaces_are_found_and_come_back() throws IOException {
    Tokenizer tokenizer =
        load(
            new GgufWriter()
                .string("tokenizer.ggml.model", "llama")
                .strings(TOKENS, List.of("<unk>", "<bos>", "<eos>", "   ", "\u2581", "a"))
                .floats("tokenizer.ggml.scores", 0, 0, 0, 0, -1, -2)
                .ints(TYPES, 2, 3, 3, 4, 1, 1)
                .bool("tokenizer.ggml.add_space_prefix", false));
    assertThat(tokenizer.encode("a    a")).containsExactly(5, 3, 4, 5);
    assertThat(tokenizer.decode(5, 3, 4, 5)).isEqualTo("a    a");
    assertThat(tokenizer.vocabulary().bos()).hasValue(1);
    assertThat(tokenizer.encode("a<unk>a<bos>", SpecialTokens.all())).containsExactly(5, 0, 5, 1);
    assertThat(tokenizer.encode("a<unk>a<bos>")).doesNotContain(1);
    assertThat(tokenizer.vocabulary().special()).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void every_pattern_can_be_used() throws IOException {
    for (String name : GgufPatterns.names()) {
      Tokenizer tokenizer = load(gpt2(name));
      String text = "The then 1234 can't\r\n \u4F60\u597D!? \u00C9t\u00E9, x  y \n";
      assertThat(tokenizer.decode(tokenizer.encode(text))).as(name).isEqualTo(text);
    }
  }

  @Test
  void word_pieces_are_written_as_in_berts_own_vocabulary() throws IOException {
    Tokenizer tokenizer = load(bert());
    assertThat(tokenizer.vocabulary().token(6)).isEqualTo("##ize");
    assertThat(tokenizer.encode("The tokenizer. xyz")).containsExactly(4, 5, 6, 7, 8, 1);
    assertThat(tokenizer.encode("the", tokenizer.storedOptions()).ids()).containsExactly(2, 4, 3);
    Encoding pair = tokenizer.encodePair("the", "a", tokenizer.storedOptions());
    assertThat(pair.ids()).containsExactly(2, 4, 3, 9, 3);
    assertThat(pair.typeIds()).containsExactly(0, 0, 0, 1, 1);
  }

  @Test
  void what_is_added_is_what_the_file_says_or_else_the_models_custom() throws IOException {
    Tokenizer llama = load(llama());
    assertThat(llama.encode("the", llama.storedOptions()).ids()).startsWith(1).hasSize(2);
    Tokenizer ends =
        load(
            llama()
                .bool("tokenizer.ggml.add_bos_token", false)
                .bool("tokenizer.ggml.add_eos_token", true));
    assertThat(ends.encode("the", ends.storedOptions()).ids()).endsWith(2).hasSize(2);
    Tokenizer gpt2 = load(gpt2("gpt-2"));
    assertThat(gpt2.encode(" the", gpt2.storedOptions()).ids()).containsExactly(258);
  }

  @Test
  void offsets_point_at_the_text() throws IOException {
    EncodingOptions options = EncodingOptions.builder().offsets(OffsetUnit.UTF16).build();
    Encoding encoding = load(gpt2("gpt-2")).encode("he the<tool>x", options);
    assertThat(encoding.ids()).containsExactly(256, 258, 260, 'x');
    assertThat(encoding.starts()).containsExactly(0, 2, 6, 12);
    assertThat(encoding.ends()).containsExactly(2, 6, 12, 13);
  }

  @Test
  void a_saved_tokenizer_is_written_the_same_again() throws IOException {
    for (GgufWriter file : List.of(llama(), gpt2("llama-bpe"), bert())) {
      load(file).save(directory.resolve("once"));
      read(directory.resolve("once")).save(directory.resolve("twice"));
      assertThat(directory.resolve("twice/tokenizer.gguf"))
          .hasSameBinaryContentAs(directory.resolve("once/tokenizer.gguf"));
    }
  }

  @Test
  void a_directory_needs_one_file_and_no_tokenizer_json() throws IOException {
    GgufProvider provider = new GgufProvider();
    assertThat(provider.supports(directory).reason()).contains("has 0 .gguf files");
    Path file = Files.write(directory.resolve("a.gguf"), bert().bytes());
    assertThat(provider.supports(directory).supported()).isTrue();
    assertThat(provider.supports(file).supported()).isTrue();
    Files.writeString(directory.resolve("tokenizer.json"), "{}");
    assertThat(provider.supports(directory).supported()).isFalse();
    assertThat(provider.supports(file).supported()).isTrue();
  }

  @Test
  void what_cannot_be_used_is_an_io_exception_that_names_file_and_place() {
    broken(gpt2("kimi-k2"), "tokenizer.ggml.pre", "\"kimi-k2\" is not known", "llama-bpe");
    broken(
        new GgufWriter().string("tokenizer.ggml.model", "rwkv").strings(TOKENS, List.of("a")),
        "tokenizer.ggml.model",
        "\"rwkv\" is not known");
    broken(
        new GgufWriter()
            .string("tokenizer.ggml.model", "gpt2")
            .strings(TOKENS, List.of("a", "b"))
            .strings("tokenizer.ggml.merges", List.of("ab")),
        "tokenizer.ggml.merges[0]");
    broken(
        new GgufWriter().string("tokenizer.ggml.model", "gpt2").strings(TOKENS, List.of("a", "a")),
        "tokenizer.ggml.tokens[1]",
        "token 0 already");
    broken(
        new GgufWriter().string("tokenizer.ggml.model", "bert").strings(TOKENS, List.of("a")),
        "tokenizer.ggml.tokens",
        "[UNK]");
    GgufWriter noScores =
        new GgufWriter().string("tokenizer.ggml.model", "llama").strings(TOKENS, List.of("a"));
    broken(noScores, "tokenizer.ggml.scores");
    broken(
        noScores.floats("tokenizer.ggml.scores", Float.NaN),
        "tokenizer.ggml.scores[0]",
        "finite number");
    broken(
        new GgufWriter()
            .string("tokenizer.ggml.model", "llama")
            .strings(TOKENS, List.of("<unk>", "a"))
            .floats("tokenizer.ggml.scores", 0, 0)
            .ints(TYPES, 2, 7),
        "tokenizer.ggml.token_type[1]",
        "does not exist");
  }

  private void broken(GgufWriter file, String... what) {
    assertThatIOException()
        .isThrownBy(() -> load(file))
        .withMessageContaining("model.gguf")
        .satisfies(e -> assertThat(e.getMessage()).contains(what));
  }

  @Test
  void changed_bytes_give_a_working_tokenizer_or_an_io_exception() throws IOException {
    change(300, new Random(19));
  }

  @Tag("long")
  @Test
  void thousands_of_changes_give_a_working_tokenizer_or_an_io_exception() throws IOException {
    change(10_000, new Random(20));
  }

  private void change(int times, Random random) throws IOException {
    for (GgufWriter file : List.of(llama(), gpt2("qwen2"), bert())) {
      byte[] whole = file.bytes();
      for (int i = 0; i < times; i++) {
        byte[] bytes = SentencePieceFile.mutate(whole, random);
        try {
          Tokenizer tokenizer = load(bytes);
          for (String text : List.of("", " the <s>a\u00E9\uD83D\uDE42", "<tool>he.\n")) {
            int[] ids = tokenizer.encode(text, SpecialTokens.all());
            assertThat(tokenizer.decode(ids)).isNotNull();
          }
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("model.gguf");
        }
      }
    }
  }
}
