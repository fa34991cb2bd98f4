package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
  private static final Tokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name_the_file() {
    file = directory.resolve("tokens.bin");
  }

  @Test
  void a_corpus_becomes_the_tokens_that_its_documents_have_in_memory() throws IOException {
    TextCorpus corpus = TextCorpus.ofFiles(text("a", "ab"), text("b", ""), text("c", "\u00E9"));
    for (Tokenizer tokenizer :
        List.of(BYTES, ByteTokenizer.plain(), new ByteTokenizer(List.of("<s>")))) {
      TokenSequence tokens = TokenFile.write(file, tokenizer, corpus);
      assertThat(all(tokens))
          .isEqualTo(all(TrainingData.ofDocuments(tokenizer, List.of("ab", "", "\u00E9"), 1)));
    }
  }

  @Test
  void ids_are_little_endian_of_two_bytes_or_four_and_nothing_else() throws IOException {
    TextCorpus corpus = TextCorpus.ofFiles(text("a", "ab"));
    TokenFile.write(file, BYTES, corpus);
    assertThat(Files.readAllBytes(file)).containsExactly(0, 1, 'a', 0, 'b', 0, 1, 1);
    Tokenizer large = new ByteTokenizer(new Specials(65_536 - 256 + 1));
    assertThat(all(TokenFile.write(file, large, corpus))).containsExactly(256, 'a', 'b', 257);
    assertThat(Files.readAllBytes(file))
        .containsExactly(0, 1, 0, 0, 'a', 0, 0, 0, 'b', 0, 0, 0, 1, 1, 0, 0);
    Tokenizer largestOfTwoBytes = new ByteTokenizer(new Specials(65_536 - 256));
    TokenFile.write(file, largestOfTwoBytes, corpus);
    assertThat(file).hasSize(8);
  }

  /** Written forms made when asked for. */
  private static final class Specials extends java.util.AbstractList<String> {
    private final int size;

    Specials(int size) {
      this.size = size;
    }

    @Override
    public String get(int index) {
      return "<" + index + ">";
    }

    @Override
    public int size() {
      return size;
    }
  }

  @Test
  void many_threads_write_the_bytes_of_one() throws IOException {
    Random random = new Random(3);
    Path[] files = new Path[60];
    for (int i = 0; i < files.length; i++) {
      String line = "line " + i + " of this\n";
      files[i] = text("part" + i, line.repeat(random.nextInt(2) * random.nextInt(4000)));
    }
    TextCorpus corpus = TextCorpus.ofFiles(files);
    write(BYTES, corpus.cutAfter(100_000), 1);
    byte[] one = Files.readAllBytes(file);
    write(uneven(), corpus.cutAfter(1000), 4);
    assertThat(Files.readAllBytes(file)).isEqualTo(one);
    List<String> documents = new ArrayList<>();
    corpus.forEach(documents::add);
    assertThat(all(TokenFile.open(file, 258)))
        .isEqualTo(all(TrainingData.ofDocuments(BYTES, documents, 1)));
  }

  /** Takes its time for some texts, so that others overtake them. */
  private static Tokenizer uneven() {
    return new Encoding258() {
      @Override
      void before(CharSequence text) {
        for (int i = 0; i < text.length() % 3 * 4; i++) {
          BYTES.encode(text);
        }
      }
    };
  }

  /** The byte tokenizer with something to do before each text. */
  private abstract static class Encoding258 implements Tokenizer {
    abstract void before(CharSequence text);

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      before(text);
      return BYTES.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return BYTES.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return BYTES.vocabulary();
    }

    @Override
    public void save(Path modelDirectory) {}
  }

  @Test
  void progress_is_told_in_bytes_up_to_the_end() throws IOException {
    TextCorpus corpus = TextCorpus.ofFiles(text("a", "word\n".repeat(200_000)));
    List<Long> done = new ArrayList<>();
    TokenFile.write(
        file,
        BYTES,
        corpus.cutAfter(10_000),
        new LearningListener() {
          @Override
          public void onProgress(String phase, long bytes, long total) {
            assertThat(phase).isEqualTo("encode text");
            assertThat(total).isEqualTo(1_000_000);
            done.add(bytes);
          }
        });
    assertThat(done).hasSizeGreaterThan(2).isSorted().endsWith(1_000_000L);
  }

  @Test
  void whatever_goes_wrong_half_way_the_old_file_stays_and_nothing_else() throws IOException {
    Files.writeString(file, "old one!");
    Path good = text("good", "word\n".repeat(200_000));
    Path bad = Files.write(directory.resolve("bad"), new byte[] {'a', (byte) 0xFF});
    assertThatThrownBy(() -> write(BYTES, TextCorpus.ofFiles(good, bad).cutAfter(10_000), 2))
        .isInstanceOf(IOException.class)
        .hasMessage(bad + ": malformed UTF-8 at byte 1; save the text as UTF-8");
    assertLeftAlone();

    int[] asked = {0};
    assertThatThrownBy(
            () ->
                TokenFile.write(
                    file,
                    BYTES,
                    TextCorpus.ofFiles(good, good, good).cutAfter(10_000),
                    () -> ++asked[0] > 7))
        .isInstanceOf(CancellationException.class);
    assertLeftAlone();

    assertThatThrownBy(
            () ->
                TokenFile.write(
                    file,
                    BYTES,
                    TextCorpus.ofFiles(good),
                    new LearningListener() {
                      @Override
                      public void onProgress(String phase, long bytes, long total) {
                        throw new IllegalStateException("no more");
                      }
                    }))
        .hasMessage("no more");
    assertLeftAlone();
  }

  @Test
  void a_text_that_the_tokenizer_refuses_is_told_with_file_and_line() throws IOException {
    Files.writeString(file, "old one!");
    Path lines = text("lines", "{\"t\":\"a\"}\n{\"t\":\"b!\"}\n");
    Tokenizer refusing =
        new Encoding258() {
          @Override
          void before(CharSequence text) {
            if (text.toString().contains("!")) {
              throw new IllegalArgumentException("'!' at 1");
            }
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenFile.write(file, refusing, TextCorpus.ofFiles(lines).jsonLines("t")))
        .withMessage(lines + ", line 2: '!' at 1");
    assertLeftAlone();
  }

  private void assertLeftAlone() throws IOException {
    assertThat(file).hasContent("old one!");
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all).noneMatch(path -> path.toString().endsWith(".tmp"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void tokens_are_read_across_segments(int width) throws IOException {
    TextCorpus corpus = TextCorpus.ofFiles(text("a", "The quick brown fox"));
    TokenFile.write(file, BYTES, corpus);
    byte[] two = Files.readAllBytes(file);
    byte[] wide = new byte[two.length * width / 2];
    for (int i = 0; i < two.length / 2; i++) {
      wide[i * width] = two[2 * i];
      wide[i * width + 1] = two[2 * i + 1];
    }
    Files.write(file, wide);
    int[] expected = all(TrainingData.ofText(BYTES, "The quick brown fox", 1));
    for (int bits = 2; bits < 8; bits++) {
      TokenSequence tokens = MappedTokens.open(file, 258, width, bits);
      assertThat(all(tokens)).isEqualTo(expected);
      for (int from = 0; from < expected.length; from++) {
        for (int count = 0; count <= expected.length - from; count++) {
          int[] into = new int[count + 3];
          tokens.read(from, into, 1, count);
          assertThat(Arrays.copyOfRange(into, 1, count + 1))
              .isEqualTo(Arrays.copyOfRange(expected, from, from + count));
          assertThat(into[count + 1]).isZero();
        }
      }
    }
    assertThat(all(TokenFile.open(file, 258, width))).isEqualTo(expected);
  }

  @Test
  void a_file_of_more_than_two_gibibytes_is_read_at_its_end() throws IOException {
    long tokens = 3L << 29; // 3 GiB, without a block on the disk but the last
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(2 * tokens);
      sparse.seek(2 * tokens - 2);
      sparse.write(new byte[] {7, 1});
    }
    TokenSequence sequence = TokenFile.open(file, 50_257);
    assertThat(sequence.size()).isEqualTo(tokens);
    int[] last = new int[3];
    sequence.read(tokens - 3, last, 0, 3);
    assertThat(last).containsExactly(0, 0, 263);
    TrainingData data = TrainingData.ofTokens(BYTES, sequence, 0.5);
    assertThat(data.training().size()).isEqualTo(tokens / 2);
    data.validation().read(tokens / 2 - 2, last, 0, 2);
    assertThat(last).containsExactly(0, 263, 263);
  }

  @Test
  void what_cannot_be_a_token_file_is_refused() throws IOException {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> TokenFile.open(file, 258))
        .withMessageContaining("tokens.bin");
    Files.write(file, new byte[7]);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TokenFile.open(file, 258))
        .withMessageStartingWith(file + ": 7 bytes are no whole number of tokens of 2 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenFile.open(file, 258, 3))
        .withMessage("bytesPerToken 3 is not 2 or 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenFile.open(file, 0))
        .withMessage("vocabularySize 0 is not at least 1");
    Files.write(file, new byte[0]);
    assertThat(TokenFile.open(file, 258).size()).isZero();
  }

  @Test
  void a_token_outside_the_vocabulary_is_told_with_its_byte_when_it_is_read() throws IOException {
    Files.write(file, new byte[] {1, 0, 2, 1, 3, 0});
    TokenSequence tokens = TokenFile.open(file, 258);
    int[] into = new int[3];
    tokens.read(2, into, 0, 1);
    assertThat(into).containsExactly(3, 0, 0);
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> tokens.read(0, into, 0, 3))
        .havingCause()
        .withMessage(file + ": token 258 at byte 2 is not in the vocabulary of 258");
    Files.write(file, new byte[] {-1, -1, -1, -1});
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> TokenFile.open(file, 100_000).read(0, into, 0, 1))
        .withMessageContaining("token 4294967295 at byte 0");
  }

  @Test
  void reading_outside_the_sequence_or_the_array_is_refused() throws IOException {
    Files.write(file, new byte[6]);
    TokenSequence whole = TokenFile.open(file, 258);
    int[] into = new int[2];
    for (TokenSequence tokens : List.of(whole, whole.slice(0, 3))) {
      for (long from : new long[] {-1, 2, Long.MAX_VALUE}) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> tokens.read(from, into, 0, 2));
      }
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> tokens.read(0, into, 1, 2));
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> whole.slice(2, 4));
  }

  private void write(Tokenizer tokenizer, TextCorpus corpus, int threads) throws IOException {
    TokenFile.write(file, tokenizer, corpus, threads, Cancellation.none(), List.of());
  }

  private Path text(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static int[] all(TrainingData data) {
    return all(data.training());
  }

  private static int[] all(TokenSequence tokens) {
    int[] all = new int[(int) tokens.size()];
    tokens.read(0, all, 0, all.length);
    return all;
  }
}
