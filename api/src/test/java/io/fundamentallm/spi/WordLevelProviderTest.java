package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers that are a rule for cutting texts, here into three characters each. */
class WordLevelProviderTest extends TokenizerContract {
  private static final Registry REGISTRY =
      Registry.of().with(rule("triples", text -> List.of(text.split("(?<=\\G...)"))));

  @Override
  protected Tokenizer tokenizer() {
    return learn("triples", "It is a truth", "caf\u00E9, caf\u00E9", "\\n\r\n", "<0x41>");
  }

  @Override
  protected Tokenizer reload(Path modelDirectory) throws IOException {
    return Tokenizers.load(modelDirectory, REGISTRY);
  }

  @Test
  void learned_pieces_are_tokens_the_most_frequent_first() {
    Tokenizer tokenizer = learn("triples", "bbbaaaccc", "cccaaaccc");
    assertThat(IntStream.range(256, tokenizer.vocabulary().size()))
        .extracting(tokenizer.vocabulary()::token)
        .containsExactly("ccc", "aaa", "bbb");
    assertThat(tokenizer.encode("aaacccaaa")).containsExactly(257, 256, 257);
  }

  @Test
  void other_pieces_are_spelled() {
    assertThat(learn("triples", "aaa").encode("aaab\u00E9")).containsExactly(256, 'b', 0xC3, 0xA9);
  }

  @Test
  void pieces_of_one_byte_are_that_byte() {
    Tokenizer tokenizer = learn("triples", "a", "\n", "\u00E9", "");
    assertThat(tokenizer.vocabulary().size()).isEqualTo(257);
    assertThat(tokenizer.encode("a")).containsExactly('a');
    assertThat(tokenizer.encode("\u00E9")).containsExactly(256);
  }

  @Test
  void a_piece_that_looks_like_a_byte_is_spelled() {
    Registry whole = Registry.of().with(rule("whole", List::of));
    Tokenizer tokenizer = Tokenizers.learn("whole", List.of("<0x41>"), whole);
    assertThat(tokenizer.vocabulary().size()).isEqualTo(256);
    assertThat(tokenizer.decode(tokenizer.encode("<0x41>"))).isEqualTo("<0x41>");
  }

  @Test
  void the_size_bounds_the_vocabulary() {
    assertThat(learn("triples(vocab-size=257)", "aaabbbbbb").encode("aaabbb"))
        .containsExactly('a', 'a', 'a', 256);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learn("triples(vocab-size=255)", "aaa"))
        .withMessageContaining("vocab-size")
        .withMessageContaining("at least 256");
  }

  @Test
  void learning_can_be_cancelled_between_texts() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Iterable<String> texts =
        () -> Map.of("a", 1, "b", 2).keySet().stream().peek(t -> cancelled.set(true)).iterator();
    Cancellation cancellation = cancelled::get;
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> Tokenizers.learn("triples", texts, REGISTRY, cancellation));
  }

  @Test
  void learning_tells_how_far_it_is() {
    List<Long> received = new ArrayList<>();
    LearningListener listener =
        new LearningListener() {
          @Override
          public void onProgress(String phase, long done, long total) {
            received.add(done);
          }
        };
    Tokenizers.learn(
        "triples", List.of("aaa".repeat(250_000)), REGISTRY, Cancellation.none(), listener);
    assertThat(received).containsExactly(100_000L, 200_000L, 250_000L);
  }

  @Test
  void a_rule_that_loses_text_is_refused_by_name() {
    for (Provider bad :
        List.of(
            rule("bad", text -> List.of(text.split(" "))),
            rule("bad", text -> List.of(text.substring(1))),
            rule("bad", text -> List.of(text, "more")),
            rule("bad", text -> null),
            rule("bad", text -> Arrays.asList(text, null)),
            rule("bad", text -> List.of(text.substring(0, 1), text.substring(1))))) {
      assertThatIllegalStateException()
          .isThrownBy(
              () -> Tokenizers.learn("bad", List.of("\uD83D\uDE42 a"), Registry.of().with(bad)))
          .withMessageContaining("\"bad\"")
          .withMessageContaining(bad.getClass().getName())
          .withMessageContaining("index");
    }
  }

  /** The contract with an end token. */
  @Nested
  class With_an_end_token extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return learn("triples(end-token=true)", "It is a truth", "\\e\n", "<|end|>");
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory, REGISTRY);
    }
  }

  @Test
  void an_end_token_is_the_last_one_if_it_is_asked_for(@TempDir Path directory) throws IOException {
    Registry whole = Registry.of().with(rule("whole", List::of));
    Tokenizer learned = Tokenizers.learn("whole(end-token=true)", List.of("aaa", "<|end|>"), whole);
    learned.save(directory);
    assertThat(directory.resolve("whole.vocab")).hasContent("aaa\n\\e\n");
    for (Tokenizer tokenizer : List.of(learned, Tokenizers.load(directory, whole))) {
      assertThat(tokenizer.vocabulary().eos()).hasValue(257);
      assertThat(tokenizer.vocabulary().special()).containsExactly(257);
      assertThat(tokenizer.vocabulary().size()).isEqualTo(258);
      assertThat(tokenizer.encode("aaa<|end|>", SpecialTokens.all())).containsExactly(256, 257);
      assertThat(tokenizer.encode("<|end|>")).hasSize(7).doesNotContain(257);
    }
    assertThat(learn("triples(end-token=true,vocab-size=258)", "aaabbbbbb").encode("aaabbb"))
        .containsExactly('a', 'a', 'a', 256);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learn("triples(end-token=true,vocab-size=256)", "aaa"))
        .withMessageContaining("at least 257");
    assertThat(learn("triples", "aaa").vocabulary().eos()).isEmpty();
  }

  @Test
  void its_file_may_be_named_itself(@TempDir Path directory) throws IOException {
    tokenizer().save(directory);
    Path file = directory.resolve("triples.vocab");
    assertThat(reload(file).encode("It is")).isEqualTo(tokenizer().encode("It is"));
    Files.move(file, directory.resolve("other.vocab"));
    assertThatExceptionOfType(io.fundamentallm.ProviderException.class)
        .isThrownBy(() -> reload(directory))
        .withMessageContaining("triples: there is no triples.vocab");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aaa\naaa\n",
        "aaa\n\n",
        "aaa\na\n",
        "aaa\n\\q\n",
        "aaa\naa\\t\n",
        "aaa\naaa\\\n",
        "aaa\n<0x41>\n",
        "aaa\n\\e\nbbb\n",
        "aaa\n<|end|>\n\\e\n"
      })
  void a_malformed_file_is_refused_with_its_line(String text, @TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("triples.vocab"), text);
    assertThatIOException()
        .isThrownBy(() -> reload(directory))
        .withMessageContaining(file + ", line 2: ");
  }

  @Test
  void a_file_that_is_not_in_utf8_is_refused(@TempDir Path directory) throws IOException {
    byte[] latin = "caf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(directory.resolve("triples.vocab"), latin);
    assertThatIOException()
        .isThrownBy(() -> reload(directory))
        .withMessageContaining(file + " is not in UTF-8");
  }

  private static Tokenizer learn(String spec, String... texts) {
    return Tokenizers.learn(spec, List.of(texts), REGISTRY);
  }

  private static WordLevelProvider rule(String name, Function<String, List<String>> cut) {
    return new WordLevelProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<String> cut(String text) {
        return cut.apply(text);
      }
    };
  }
}
