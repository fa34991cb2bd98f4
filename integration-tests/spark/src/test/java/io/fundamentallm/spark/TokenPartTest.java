package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that an executor writes beside the one that the library writes of the same texts. */
class TokenPartTest {
  @TempDir Path folder;

  private void assertSameFile(Tokenizer tokenizer, List<String> texts) throws IOException {
    List<Path> documents = new ArrayList<>();
    for (String text : texts) {
      documents.add(Files.writeString(folder.resolve("document-" + documents.size()), text));
    }
    Path expected = folder.resolve("expected.bin");
    TokenSequence tokens =
        TokenFile.write(expected, tokenizer, TextCorpus.ofFiles(documents.toArray(Path[]::new)));

    Path written = folder.resolve("written.bin");
    long count =
        new TokenPart(tokenizer)
            .write(
                texts.stream().map(RowFactory::create).iterator(),
                new ColumnPath("text", List.of(0)),
                written);

    assertThat(written).hasSameBinaryContentAs(expected);
    assertThat(count).isEqualTo(tokens.size());
  }

  @Test
  void tokens_of_a_large_vocabulary_have_four_bytes() throws IOException {
    String letters =
        IntStream.range(0x10000, 0x10000 + 70_000)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    Tokenizer tokenizer = Tokenizers.learn("character", letters);
    assertThat(tokenizer.vocabulary().size()).isGreaterThan(65_536);
    int end = letters.length();

    assertSameFile(
        tokenizer, List.of(letters, letters.substring(end - 6), letters.substring(end - 20)));
    assertThat(Files.size(folder.resolve("written.bin"))).isEqualTo(4 * (70_000 + 3 + 10 + 3 * 2));
  }

  @Test
  void one_token_that_begins_and_ends_texts_stands_once_between_two() throws IOException {
    Path saved = Files.createDirectory(folder.resolve("tokenizer"));
    Tokenizers.learn("bpe(vocab-size=300)", Novel.text(10_000)).save(saved);
    Files.writeString(
        saved.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<|end|>\", \"eos_token\": \"<|end|>\"}");
    Tokenizer tokenizer = Tokenizers.load(saved);
    assertThat(tokenizer.vocabulary().bos()).isEqualTo(tokenizer.vocabulary().eos()).isPresent();

    assertSameFile(tokenizer, Novel.lines(20));
    int tokens = Novel.lines(20).stream().mapToInt(line -> tokenizer.encode(line).length).sum();
    assertThat(Files.size(folder.resolve("written.bin"))).isEqualTo(2L * (tokens + 21));
  }
}
