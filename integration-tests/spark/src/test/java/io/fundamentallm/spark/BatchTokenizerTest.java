package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TokenSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalCluster.class)
class BatchTokenizerTest {
  private final BatchTokenizer tokenizer = BatchTokenizer.of(Novel.model().toString());

  @TempDir Path folder;

  private static Dataset<Row> texts(List<String> texts) {
    return LocalCluster.spark().createDataset(texts, Encoders.STRING()).toDF("text");
  }

  @Test
  void each_row_gets_the_tokens_of_its_text() throws IOException {
    Tokenizer local = Tokenizers.load(Novel.model());
    List<String> texts = new ArrayList<>(Novel.lines(50));
    texts.add(null);
    List<Row> rows = tokenizer.tokenize(texts(texts), "text", "tokens").collectAsList();
    assertThat(rows).hasSize(51);
    for (Row row : rows) {
      if (row.isNullAt(0)) {
        assertThat(row.isNullAt(1)).isTrue();
      } else {
        int[] tokens = local.encode(row.getString(0));
        assertThat(row.<Integer>getList(1)).containsExactlyElementsOf(boxed(tokens));
      }
    }
  }

  private static List<Integer> boxed(int[] tokens) {
    return Arrays.stream(tokens).boxed().toList();
  }

  @Test
  void a_partition_becomes_the_file_that_its_texts_would_have_become_here() throws IOException {
    List<String> texts = new ArrayList<>(Novel.lines(50));
    texts.add(20, null);
    Path written = folder.resolve("tokens");
    long count = tokenizer.write(texts(texts).coalesce(1), "text", written.toString());

    Tokenizer local = Tokenizers.load(Novel.model());
    List<Path> documents = new ArrayList<>();
    for (String text : texts) {
      if (text != null) {
        documents.add(Files.writeString(folder.resolve("document-" + documents.size()), text));
      }
    }
    Path expected = folder.resolve("expected.bin");
    TokenSequence tokens =
        TokenFile.write(expected, local, TextCorpus.ofFiles(documents.toArray(Path[]::new)));
    assertThat(written.resolve("part-00000.bin")).hasSameBinaryContentAs(expected);
    assertThat(count).isEqualTo(tokens.size());
  }

  @Test
  void several_files_are_read_as_one_sequence_and_shared_out() throws IOException {
    List<String> texts = Novel.lines(50);
    long count =
        tokenizer.write(texts(texts).repartition(3), "text", folder.resolve("t").toString());

    TokenSequence all = TokenParts.open(folder.resolve("t"), 300);
    assertThat(all.size()).isEqualTo(count);
    List<Integer> joined = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TokenSequence part = TokenFile.open(folder.resolve("t/part-0000" + i + ".bin"), 300);
      joined.addAll(read(part));
    }
    assertThat(read(all)).isEqualTo(joined);
    List<Integer> shares = new ArrayList<>();
    for (int worker = 0; worker < 7; worker++) {
      TokenSequence share = TokenParts.share(all, worker, 7);
      assertThat(share.size()).isBetween(count / 7, count / 7 + 1);
      shares.addAll(read(share));
    }
    assertThat(shares).isEqualTo(joined);
  }

  private static List<Integer> read(TokenSequence tokens) {
    int[] all = new int[(int) tokens.size()];
    tokens.read(0, all, 0, all.length);
    return boxed(all);
  }

  @Test
  void it_writes_neither_among_older_files_nor_where_only_one_would_see_them() throws IOException {
    Path old = Files.writeString(folder.resolve("part-00007.bin"), "");
    assertThatIOException()
        .isThrownBy(() -> tokenizer.write(texts(List.of("It")), "text", folder.toString()))
        .withMessageContaining("has files of tokens already");
    assertThat(old).exists();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.write(texts(List.of("It")), "text", "tokens"))
        .withMessageContaining("is relative");
    assertThatIOException()
        .isThrownBy(() -> TokenParts.open(Files.createDirectory(folder.resolve("empty")), 300))
        .withMessageContaining("has no files of tokens");
  }
}
