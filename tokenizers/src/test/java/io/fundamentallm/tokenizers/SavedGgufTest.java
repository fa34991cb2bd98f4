package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.GgufReader;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers of all kinds, saved as GGUF files have them and read again. */
class SavedGgufTest {
  private static final Registry ALL =
      Registry.of()
          .with(
              new HuggingFaceProvider(),
              new SentencePieceProvider(),
              new TiktokenProvider(),
              new GgufProvider());

  @TempDir Path directory;

  private Tokenizer saved(Tokenizer tokenizer, int more) throws IOException {
    Path file = directory.resolve("saved.gguf");
    tokenizer.saveGguf(file, tokenizer.vocabulary().size() + more);
    return new GgufProvider().load(file, Options.of("gguf", Map.of()));
  }

  private GgufTokenizer section() throws IOException {
    return GgufReader.read(directory.resolve("saved.gguf"));
  }

  /** Every reference text has the same ids, and the roles and what is added are the same. */
  @ParameterizedTest
  @CsvSource({
    "gpt2, gpt2, gpt-2",
    "qwen3, gpt2, qwen2",
    "deepseek_v3, gpt2, deepseek-v3",
    "mistral-v1, llama, ",
    "bert-base-uncased, bert, ",
    "t5, t5, ",
    "r50k_base, gpt2, gpt-2",
    "o200k_base, gpt2, gpt-4o"
  })
  void published_tokenizers_keep_their_ids(String name, String model, String pre)
      throws IOException {
    Path files = Golden.files(name, directory);
    if (model.equals("t5")) {
      // of equally likely pieces SentencePiece and Hugging Face's library take different ones
      Files.delete(files.resolve("tokenizer.json"));
    }
    Tokenizer tokenizer = Tokenizers.load(files, ALL);
    Tokenizer again = saved(tokenizer, 3);
    // those of SentencePiece do not find the unknown token where it is written out
    SpecialTokens allowed = pre == null ? SpecialTokens.none() : SpecialTokens.all();
    assertThat(section().model()).isEqualTo(model);
    assertThat(section().pre()).isEqualTo(pre);
    int[] count = {0};
    Golden.vectors(
        name,
        vector -> {
          assertThat(again.encode(vector.text(), allowed))
              .as("%s", vector.text())
              .isEqualTo(tokenizer.encode(vector.text(), allowed));
          count[0]++;
        });
    assertThat(count[0]).isGreaterThan(100);
    assertSame(again, tokenizer);
  }

  @Test
  void word_pieces_that_were_learned_begin_no_generation() throws IOException {
    Tokenizer learned =
        new WordPieceProvider()
            .learn(
                List.of("the quick brown fox and the quick dog"),
                Options.of("wordpiece", Map.of("vocab-size", "60")));
    assertSame(saved(learned, 0), learned);
  }

  private static void assertSame(Tokenizer again, Tokenizer tokenizer) {
    assertThat(again.vocabulary().bos()).isEqualTo(tokenizer.vocabulary().bos());
    assertThat(again.vocabulary().eos()).isEqualTo(tokenizer.vocabulary().eos());
    for (String text : List.of("", "a text", " two  spaces\n")) {
      assertThat(again.encode(text, again.storedOptions()).ids())
          .isEqualTo(tokenizer.encode(text, tokenizer.storedOptions()).ids());
    }
  }

  @Test
  void learned_byte_levels_have_the_name_of_their_pattern() throws IOException {
    for (Map.Entry<String, String> pattern :
        Map.of("gpt2", "gpt-2", "llama3", "dbrx", "qwen2", "stablelm2", "o200k", "gpt-4o")
            .entrySet()) {
      Options options = Options.of("bpe", Map.of("vocab-size", "320", "pattern", pattern.getKey()));
      Tokenizer tokenizer = new BpeProvider().learn(LearnedKinds.TEXTS, options);
      Tokenizer again = saved(tokenizer, 0);
      assertThat(section().pre()).isEqualTo(pattern.getValue());
      for (String text : LearnedKinds.TEXTS) {
        assertThat(again.encode(text)).isEqualTo(tokenizer.encode(text));
      }
      assertSame(again, tokenizer);
      assertThat(again.vocabulary().special()).isEqualTo(tokenizer.vocabulary().special());
    }
  }

  @Test
  void bytes_are_a_byte_level_without_merges() throws IOException {
    Tokenizer tokenizer = new ByteProvider().learn(List.of(), Options.of("byte", Map.of()));
    Tokenizer again = saved(tokenizer, 5);
    String text = "\u00E9 \uD83D\uDE42 <|end|>\n";
    assertThat(again.encode(text)).isEqualTo(tokenizer.encode(text));
    assertThat(again.vocabulary().size()).isEqualTo(tokenizer.vocabulary().size() + 5);
    assertThat(again.vocabulary().eos()).isEqualTo(tokenizer.vocabulary().eos());
  }

  @Test
  void characters_are_pieces_if_the_others_have_a_token() throws IOException {
    Options options = Options.of("character", Map.of("unknown", "unk"));
    Tokenizer tokenizer = new CharacterProvider().learn(List.of("a b\n\u00E9"), options);
    Tokenizer again = saved(tokenizer, 0);
    for (String text : List.of("", "a", "  ab \n\n", "\u00E9xa")) {
      assertThat(again.encode(text)).isEqualTo(tokenizer.encode(text));
    }
    // several unknown ones in a row are one token there
    assertThat(again.encode("axya")).isEqualTo(tokenizer.encode("axa"));
  }

  @Test
  void what_was_read_from_such_a_file_is_written_again() throws IOException {
    Tokenizer tokenizer = new ByteProvider().learn(List.of(), Options.of("byte", Map.of()));
    Tokenizer again = saved(tokenizer, 0);
    Path second = directory.resolve("second.gguf");
    again.saveGguf(second, again.vocabulary().size());
    assertThat(second).hasSameBinaryContentAs(directory.resolve("saved.gguf"));
  }

  @Test
  void scores_and_replacements_of_another_library_go_along() throws IOException {
    Tokenizer tokenizer = Tokenizers.load(Golden.files("t5", directory), ALL);
    Tokenizer again = saved(tokenizer, 0);
    for (String text : List.of("It is a truth", " two  spaces ", "\u2460 \uFB01ne \u00C9t\u00E9")) {
      assertThat(again.encode(text)).isEqualTo(tokenizer.encode(text));
    }
  }

  @Test
  void chat_templates_go_along() throws IOException {
    Path files = Golden.files("qwen3", directory);
    Tokenizer tokenizer = Tokenizers.load(files, ALL);
    assertThat(tokenizer.chatTemplate()).isPresent();
    Tokenizer again = saved(tokenizer, 0);
    assertThat(section().chatTemplate()).contains("<|im_start|>");
    assertThat(again.vocabulary().special()).isEqualTo(tokenizer.vocabulary().special());
  }

  @Test
  void what_llama_cpp_lacks_is_refused_by_name() {
    Tokenizer characters =
        new CharacterProvider().learn(List.of("abc"), Options.of("character", Map.of()));
    refused(characters, "WordLevel tokenizer, 6 tokens", "no token for unknown characters");
    Options skipping = Options.of("character", Map.of("unknown", "skip"));
    refused(new CharacterProvider().learn(List.of("abc"), skipping), "merges are of characters");
    Options marked = Options.of("bpe", Map.of("vocab-size", "330", "byte-level", "false"));
    refused(new BpeProvider().learn(LearnedKinds.TEXTS, marked), "BPE tokenizer");
    Options prefixed = Options.of("bpe", Map.of("vocab-size", "300", "pattern", "[a-c]+|[^a-c]"));
    refused(new BpeProvider().learn(LearnedKinds.TEXTS, prefixed), "only names what cuts");
  }

  private void refused(Tokenizer tokenizer, String... why) {
    Path file = directory.resolve("refused.gguf");
    assertThatThrownBy(() -> tokenizer.saveGguf(file, 1 << 20))
        .isInstanceOf(UnsupportedOperationException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(why));
    assertThat(Files.exists(file)).isFalse();
  }

  @Test
  void a_model_needs_room_for_all_tokens() {
    Tokenizer tokenizer = new ByteProvider().learn(List.of(), Options.of("byte", Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.saveGguf(directory.resolve("small.gguf"), 256))
        .withMessageContaining("has 259 tokens, the model only 256");
  }
}
