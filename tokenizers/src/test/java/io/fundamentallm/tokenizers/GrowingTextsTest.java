package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFile;
import io.fundamentallm.tokenizers.text.Charsmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small files whose rules make texts, or all the tokens of a vocabulary, larger than memory. */
class GrowingTextsTest {
  @TempDir Path directory;

  private Tokenizer load(String json) throws IOException {
    Files.writeString(
        directory.resolve("tokenizer.json"),
        "{%s, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}"
            .formatted(json.replace('\'', '"')));
    return SoundFiles.load(directory);
  }

  private void refused(String json, String what) {
    assertThatIOException()
        .isThrownBy(() -> load(json))
        .withMessageContainingAll(directory.resolve("tokenizer.json").toString(), what);
  }

  private void refusedModel(String what) {
    assertThatIOException()
        .isThrownBy(() -> SoundFiles.load(directory))
        .withMessageContainingAll(directory.resolve("tokenizer.model").toString(), what);
  }

  @Test
  void decoders_that_double_a_token_again_and_again_are_stopped() throws IOException {
    String twice = "{'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 'aa'}";
    // an empty delimiter is found before and behind every character
    String between =
        "{'type': 'CTC', 'pad_token': '', 'word_delimiter_token': '', 'cleanup': true}";
    for (String stage : List.of(twice, between)) {
      String stages = String.join(", ", Collections.nCopies(40, stage));
      Tokenizer tokenizer = load("'decoder': {'type': 'Sequence', 'decoders': [" + stages + "]}");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tokenizer.decode(new int[] {0}))
          .withMessageContaining("4096 bytes");
    }
  }

  @Test
  void pieces_that_are_marked_and_cut_again_and_again_are_stopped() throws IOException {
    StringBuilder steps = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String cut =
          "{'type': 'Split', 'pattern': {'Regex': '[\\\\s\\\\S]'}, 'behavior': 'Isolated'}";
      String mark = "{'type': 'Metaspace', 'replacement': '%c', 'split': false}";
      steps.append(i == 0 ? "" : ", ").append(cut).append(", ");
      steps.append(mark.formatted('\u4E00' + i));
    }
    Tokenizer tokenizer =
        load("'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [" + steps + "]}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("aaa"))
        .withMessageContaining("4192 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "BPE, continuing_subword_prefix",
    "BPE, end_of_word_suffix",
    "WordPiece, continuing_subword_prefix"
  })
  void what_is_put_at_every_character_is_no_longer_than_words_are(String type, String key)
      throws IOException {
    String model =
        "{\"model\": {\"type\": \"%s\", \"vocab\": {\"a\": 0}, \"merges\": [], \"%s\": \"%s\"}}";
    Path file = directory.resolve("tokenizer.json");
    Files.writeString(file, model.formatted(type, key, "#".repeat(1001)));
    assertThatIOException()
        .isThrownBy(() -> SoundFiles.load(directory))
        .withMessageContainingAll(file.toString(), key, "1001 characters");
    Files.writeString(file, model.formatted(type, key, "#".repeat(1000)));
    assertThat(SoundFiles.load(directory).vocabulary().size()).isEqualTo(1);
  }

  @Test
  void added_tokens_that_rules_make_long_are_named() throws IOException {
    String longer = "{'type': 'Prepend', 'prepend': '" + "a".repeat(5000) + "'}";
    refused(
        "'added_tokens': [{'id': 1, 'content': 'x', 'normalized': true}], 'normalizer': " + longer,
        "4128 bytes");
    StringBuilder many = new StringBuilder();
    for (int i = 1; i < 20_000; i++) {
      many.append(i == 1 ? "" : ", ").append("{'id': ").append(i).append(", 'content': 'x");
      many.append(i).append("', 'normalized': true}");
    }
    refused(
        "'added_tokens': ["
            + many
            + "], 'normalizer': {'type': 'Prepend', 'prepend': '"
            + "a".repeat(4000)
            + "'}",
        "67108864 bytes");
  }

  @Test
  void a_charsmap_of_long_replacements_is_stopped() throws IOException {
    byte[] charsmap = Charsmap.of("a", "b".repeat(1 << 20));
    SentencePieceFile model = SentencePieceFile.plain(1).piece("a", 0, SentencePieceFile.NORMAL);
    Path file = directory.resolve("tokenizer.model");
    Files.write(file, model.field(3, charsmap(charsmap)).bytes());
    Tokenizer tokenizer = SoundFiles.load(directory);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a".repeat(1000)))
        .withMessageContaining("36096 bytes");
    model = SentencePieceFile.plain(1).piece("a", 0, SentencePieceFile.NORMAL);
    Files.write(file, model.field(5, charsmap(charsmap)).bytes());
    refusedModel("4128 bytes");
    model = SentencePieceFile.plain(1);
    for (int i = 0; i < 20_000; i++) {
      model = model.piece("a" + i, 0, SentencePieceFile.NORMAL);
    }
    charsmap = Charsmap.of("a", "b".repeat(4000));
    Files.write(file, model.field(5, charsmap(charsmap)).bytes());
    refusedModel("67108864 bytes");
  }

  /** A NormalizerSpec of this charsmap alone. */
  private static byte[] charsmap(byte[] blob) {
    return new SentencePieceFile().field(2, blob).bytes();
  }
}
