package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ids that no token has, which published vocabularies leave between others. */
class UnusedIdsTest {
  @TempDir Path directory;

  private Tokenizer load(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json.replace('\'', '"'));
    return Tokenizers.load(directory, Registry.of(UnusedIdsTest.class.getClassLoader()));
  }

  @Test
  void an_added_token_may_stand_beyond_a_gap() throws IOException {
    Tokenizer tokenizer =
        load(
            "{'added_tokens': [{'id': 4, 'content': '<s>', 'special': true}],"
                + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}}");

    assertThat(tokenizer.vocabulary().size()).isEqualTo(5);
    assertThat(tokenizer.encode("ab<s>ba", SpecialTokens.all())).containsExactly(0, 1, 4, 1, 0);
    for (int unused : new int[] {2, 3}) {
      assertUnused(tokenizer, unused);
    }
  }

  private static void assertUnused(Tokenizer tokenizer, int id) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    String written = vocabulary.token(id);
    assertThat(tokenizer.bytes(id)).isEmpty();
    assertThat(tokenizer.bytes(id, 0)).isEmpty();
    assertThat(tokenizer.bytes(id, -1)).isEmpty();
    assertThat(tokenizer.decode(id)).isEmpty();
    assertThat(tokenizer.decode(0, id, 1)).isEqualTo(tokenizer.decode(0, 1));
    Detokenizer stream = tokenizer.detokenizer();
    assertThat(stream.append(0) + stream.append(id) + stream.append(1) + stream.finish())
        .isEqualTo(tokenizer.decode(0, 1));
    assertThat(written).isEqualTo("<|unused_" + id + "|>");
    assertThat(vocabulary.id(written)).hasValue(id);
    assertThat(vocabulary.special()).doesNotContain(id);
    for (SpecialTokens allowed : List.of(SpecialTokens.none(), SpecialTokens.all())) {
      assertThat(tokenizer.encode("a" + written + "b", allowed)).doesNotContain(id);
      assertThat(tokenizer.encode("", allowed)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "BPE       | 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1, 'ab': 7}, 'merges': ['a b']}",
        "byte BPE  | 'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': false},"
            + " 'decoder': {'type': 'ByteLevel'},"
            + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1, 'ab': 7}, 'merges': ['a b']}",
        "spaced    | 'decoder': {'type': 'Metaspace', 'replacement': '_'}, 'model': {'type': 'BPE',"
            + " 'vocab': {'a': 0, 'b': 1, 'ab': 7}, 'merges': ['a b']}",
        "WordLevel | 'pre_tokenizer': {'type': 'Whitespace'}, 'model': {'type': 'WordLevel',"
            + " 'unk_token': 'u', 'vocab': {'a': 0, 'b': 1, 'u': 7}}",
        "WordPiece | 'decoder': {'type': 'WordPiece', 'prefix': '##', 'cleanup': true}, 'model':"
            + " {'type': 'WordPiece', 'unk_token': 'u', 'vocab': {'a': 0, '##b': 1, 'u': 7}}",
        "Unigram   | 'added_tokens': [{'id': 7, 'content': '<s>', 'special': true}], 'model':"
            + " {'type': 'Unigram', 'unk_id': 0, 'vocab': [['a', -1], ['b', -2]]}",
        "character | 'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '[\\\\s\\\\S]'},"
            + " 'behavior': 'Isolated', 'invert': false}, 'decoder': {'type': 'Fuse'},"
            + " 'model': {'type': 'WordLevel', 'unk_token': 'u', 'vocab': {'a': 0, 'b': 1, 'u': 7}}",
      })
  void every_model_may_have_gaps_and_keeps_them(String name, String json) throws IOException {
    Tokenizer tokenizer = load("{" + json + "}");
    assertThat(tokenizer.vocabulary().size()).isEqualTo(8);
    for (int id = 2; id < 7; id++) {
      assertUnused(tokenizer, id);
    }
    Path saved = Files.createDirectory(directory.resolve("saved"));
    tokenizer.save(saved);
    Tokenizer again = Tokenizers.load(saved, Registry.of(getClass().getClassLoader()));
    assertThat(again.vocabulary().size()).isEqualTo(8);
    assertThat(again.encode("ab ba")).isEqualTo(tokenizer.encode("ab ba"));
    for (int id = 2; id < 7; id++) {
      assertUnused(again, id);
    }
  }

  @Test
  void a_token_may_be_written_like_a_gap() throws IOException {
    Tokenizer tokenizer =
        load(
            "{'added_tokens': [{'id': 4, 'content': '<|unused_2|>', 'special': true}],"
                + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}}");

    assertThat(tokenizer.vocabulary().id("<|unused_2|>")).hasValue(4);
    assertThat(tokenizer.vocabulary().id(tokenizer.vocabulary().token(2))).hasValue(2);
    assertThat(tokenizer.vocabulary().token(3)).isEqualTo("<|unused_3|>");
    for (String none :
        List.of("<|unused_4|>", "<|unused_5|>", "<|unused_-1|>", "<|unused_03|>", "<|unused_|>")) {
      assertThat(tokenizer.vocabulary().id(none)).as(none).isEmpty();
    }
  }

  @Test
  void an_empty_token_is_not_a_gap() throws IOException {
    Tokenizer tokenizer =
        load("{'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1, '': 3}, 'merges': []}}");

    assertThat(tokenizer.vocabulary().token(3)).isEmpty();
    assertThat(tokenizer.vocabulary().id("")).hasValue(3);
    assertUnused(tokenizer, 2);
  }

  @Test
  void a_high_id_takes_no_more_room_than_ids_may() throws IOException {
    Tokenizer tokenizer =
        load(
            "{'added_tokens': [{'id': 2097151, 'content': '<s>', 'special': true}],"
                + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}}");

    assertThat(tokenizer.vocabulary().size()).isEqualTo(1 << 21);
    assertUnused(tokenizer, 2097150);
    assertThatIOException()
        .isThrownBy(
            () ->
                load(
                    "{'added_tokens': [{'id': 2147483647, 'content': '<s>', 'special': true}],"
                        + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}}"))
        .withMessageContaining("[0, 2097151]");
  }

  @Test
  void a_vocabulary_file_may_have_gaps() throws IOException {
    Files.writeString(
        directory.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"ab\": 7, \"<|endoftext|>\": 9}");
    Files.writeString(directory.resolve("merges.txt"), "#version: 0.2\na b\n");
    Tokenizer tokenizer = Tokenizers.load(directory, Registry.of(getClass().getClassLoader()));

    assertThat(tokenizer.vocabulary().size()).isEqualTo(10);
    assertThat(tokenizer.encode("aba")).containsExactly(7, 0);
    for (int id : new int[] {2, 6, 8}) {
      assertUnused(tokenizer, id);
    }
  }

  @Test
  void ranks_may_have_gaps() throws IOException {
    StringBuilder lines = new StringBuilder();
    Base64.Encoder base64 = Base64.getEncoder();
    for (int b = 0; b < 256; b++) {
      lines.append(base64.encodeToString(new byte[] {(byte) b})).append(' ').append(2 * b + 1);
      lines.append('\n');
    }
    lines.append(base64.encodeToString("ab".getBytes(StandardCharsets.UTF_8))).append(" 600\n");
    Files.writeString(directory.resolve("r50k_base.tiktoken"), lines);
    Tokenizer tokenizer = Tokenizers.load(directory, Registry.of(getClass().getClassLoader()));

    assertThat(tokenizer.vocabulary().size()).isEqualTo(50257);
    assertThat(tokenizer.encode("aba")).containsExactly(600, 2 * 'a' + 1);
    Path saved = Files.createDirectory(directory.resolve("saved"));
    tokenizer.save(saved);
    assertThat(saved.resolve("r50k_base.tiktoken")).hasContent(lines.toString());
    for (int id : new int[] {0, 2, 512, 599, 601, 50255}) {
      assertThat(tokenizer.bytes(id)).isEmpty();
      assertThat(tokenizer.vocabulary().id(tokenizer.vocabulary().token(id))).hasValue(id);
    }
  }

  @Test
  void a_published_vocabulary_with_gaps_has_the_ids_of_its_ranks() throws IOException {
    Path files = Golden.files("o200k_base", directory);
    Tokenizer ranks = Tokenizers.load(files, Registry.of(getClass().getClassLoader()));
    Vocabulary vocabulary = ranks.vocabulary();
    Set<Integer> unused = new HashSet<>(Set.of(199998));
    for (int id = 200000; id <= 200017; id++) {
      unused.add(id);
    }
    List<Integer> empty = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (ranks.bytes(id).length == 0) {
        empty.add(id);
      }
    }
    assertThat(empty).containsExactlyInAnyOrderElementsOf(unused);
  }

  /** What every tokenizer promises holds with gaps, save that a gap is no token. */
  @Nested
  class Contract extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() throws IOException {
      StringBuilder vocabulary = new StringBuilder();
      for (int b = 0; b < 256; b++) {
        vocabulary.append(b == 0 ? "" : ", ").append('\'');
        String form = io.fundamentallm.tokenizers.text.PrintableBytes.form(b);
        vocabulary.append("\"\\'".contains(form) ? "\\" + (int) form.charAt(0) : form);
        vocabulary.append("': ").append(3 * b);
      }
      String forms =
          vocabulary
              .toString()
              .replace("\\34", "\\u0022")
              .replace("\\39", "\\u0027")
              .replace("\\92", "\\u005c");
      return load(
          "{'added_tokens': [{'id': 900, 'content': '<s>', 'special': true}],"
              + " 'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': false},"
              + " 'decoder': {'type': 'ByteLevel'},"
              + (" 'model': {'type': 'BPE', 'vocab': {" + forms + "}, 'merges': []}}"));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory, Registry.of(getClass().getClassLoader()));
    }

    @Test
    void encodings_with_everything_around_hold_no_gap() throws IOException {
      Tokenizer tokenizer = tokenizer();
      EncodingOptions all =
          EncodingOptions.builder().allowed(SpecialTokens.all()).addSpecialTokens(true).build();
      for (int id : tokenizer.encode("a <s> \uD83D\uDE42 b", all).ids()) {
        assertThat(tokenizer.bytes(id)).isNotEmpty();
      }
    }
  }
}
