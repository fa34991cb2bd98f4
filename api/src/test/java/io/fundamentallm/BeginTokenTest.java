package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whether a begin token stands before a text is the tokenizer's own word, in every door. */
class BeginTokenTest {
  private static final int BEGIN = 256;
  private static final int END = 257;
  private static final int OTHER = 258;

  /**
   * Bytes with a begin token and an end token.
   *
   * @param before what its files put before a text
   * @param after what they put behind one
   * @param end the end token
   */
  private record Stored(List<Integer> before, List<Integer> after, int end) implements Tokenizer {
    @Override
    public Encoding encode(CharSequence text, EncodingOptions options) {
      Encoding plain = Encoding.of(encode(text, options.allowed()), null, null);
      if (!options.addSpecialTokens()) {
        return plain;
      }
      List<Encoding> parts = new java.util.ArrayList<>();
      before.forEach(id -> parts.add(Encoding.added(id, 0, false)));
      parts.add(plain);
      after.forEach(id -> parts.add(Encoding.added(id, 0, false)));
      return Encoding.joined(parts);
    }

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return ByteTokenizer.plain().encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return token < BEGIN ? ByteTokenizer.plain().bytes(token) : new byte[0];
    }

    @Override
    public Vocabulary vocabulary() {
      Vocabulary bytes = ByteTokenizer.plain().vocabulary();
      return new Vocabulary() {
        @Override
        public int size() {
          return OTHER + 1;
        }

        @Override
        public String token(int id) {
          return id < BEGIN ? bytes.token(id) : "<" + id + ">";
        }

        @Override
        public OptionalInt id(String token) {
          return bytes.id(token);
        }

        @Override
        public OptionalInt bos() {
          return OptionalInt.of(BEGIN);
        }

        @Override
        public OptionalInt eos() {
          return OptionalInt.of(end);
        }
      };
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException();
    }
  }

  private static TextGenerator generator(Tokenizer tokenizer) {
    return TextGenerator.of(
        tokenizer, new ToyModel(ToyModel.info(OTHER + 1, 64).build(), ToyModel.hashing()));
  }

  private static void assertThatItBegins(Tokenizer tokenizer, List<Integer> prompt, int scored) {
    try (TextGenerator generator = generator(tokenizer)) {
      List<Integer> expected =
          IntStream.concat(prompt.stream().mapToInt(i -> i), IntStream.of('a', 'b'))
              .boxed()
              .toList();
      assertThat(generator.promptTokens("ab")).containsExactly(toArray(expected));
      assertThat(generator.tokens("ab").summary().promptTokens()).isEqualTo(expected.size());
      TextScorer scorer = TextScorer.of(tokenizer, generator.model());
      assertThat(scorer.score("ab").tokens()).hasSize(scored);
      assertThat(scorer.score('a', 'b').tokens()).hasSize(scored);
      assertThat(scorer.scoreTokens(new int[] {'a', 'b'}).tokens()).hasSize(1);
      assertThat(scorer.scoreTokens(new int[] {BEGIN, 'a'}).tokens().get(0).logProbability())
          .isEqualTo(
              scorer.scoreTokens(new int[] {BEGIN, 'a', 'b'}).tokens().get(0).logProbability());
      assertThat(scorer.score("").tokens()).isEmpty();
      assertThat(
              ModelComparer.of(tokenizer, generator.model(), generator.model())
                  .compare("ab")
                  .tokens())
          .isEqualTo(scored);
    }
  }

  private static int[] toArray(List<Integer> ids) {
    return ids.stream().mapToInt(i -> i).toArray();
  }

  @Test
  void it_stands_where_the_files_put_it() {
    assertThatItBegins(new Stored(List.of(BEGIN), List.of(), END), List.of(BEGIN), 2);
    assertThatItBegins(new Stored(List.of(BEGIN), List.of(END), END), List.of(BEGIN), 2);
    assertThatItBegins(new Stored(List.of(OTHER, BEGIN), List.of(), END), List.of(OTHER, BEGIN), 2);
    assertThatItBegins(new Stored(List.of(BEGIN), List.of(), BEGIN), List.of(BEGIN), 2);
  }

  @Test
  void it_stands_nowhere_else() {
    assertThatItBegins(new Stored(List.of(), List.of(), END), List.of(), 1);
    assertThatItBegins(new Stored(List.of(), List.of(END), END), List.of(), 1);
  }

  @Test
  void a_text_is_scored_behind_the_token_that_ends_others() {
    assertThatItBegins(new Stored(List.of(), List.of(), BEGIN), List.of(), 2);
  }

  @Test
  void a_tokenizer_without_files_puts_its_begin_token_there() {
    assertThatItBegins(ByteTokenizer.withBeginAndEnd(), List.of(BEGIN), 2);
    assertThatItBegins(ByteTokenizer.plain(), List.of(), 1);
  }

  /** The hidden state of the last of these tokens, and how many there are. */
  private static void assertThatItEmbeds(Tokenizer tokenizer, String text, int... tokens) {
    try (TextGenerator generator = generator(tokenizer)) {
      LanguageModel model = generator.model();
      float[][] hidden = new float[tokens.length][model.info().hiddenSize()];
      try (Session session = model.open()) {
        model.forward(
            List.of(new Append(session, tokens, new float[0][], hidden)), Cancellation.none());
      }
      TextEmbedder embedder = TextEmbedder.of(tokenizer, model).withNormalization(false);
      assertThat(embedder.count(text)).isEqualTo(tokens.length);
      assertThat(embedder.withPooling(Pooling.LAST).embed(text))
          .isEqualTo(hidden[tokens.length - 1]);
      assertThat(embedder.withPooling(Pooling.CLS).embed(text)).isEqualTo(hidden[0]);
    }
  }

  @Test
  void an_embedder_reads_all_that_the_files_put_around_a_text() {
    assertThatItEmbeds(new Stored(List.of(BEGIN), List.of(END), END), "ab", BEGIN, 'a', 'b', END);
    assertThatItEmbeds(new Stored(List.of(), List.of(END), END), "ab", 'a', 'b', END);
    assertThatItEmbeds(
        new Stored(List.of(OTHER, BEGIN), List.of(OTHER, END), END),
        "ab",
        OTHER,
        BEGIN,
        'a',
        'b',
        OTHER,
        END);
    assertThatItEmbeds(new Stored(List.of(BEGIN), List.of(), END), "ab", BEGIN, 'a', 'b');
    assertThatItEmbeds(new Stored(List.of(), List.of(), END), "ab", 'a', 'b');
    assertThatItEmbeds(new Stored(List.of(), List.of(), BEGIN), "ab", BEGIN, 'a', 'b');
    assertThatItEmbeds(ByteTokenizer.withBeginAndEnd(), "ab", BEGIN, 'a', 'b');
    assertThatItEmbeds(ByteTokenizer.plain(), "ab", 'a', 'b');
  }

  @Test
  void an_empty_text_is_embedded_as_what_stands_around_it() {
    assertThatItEmbeds(new Stored(List.of(BEGIN), List.of(END), END), "", BEGIN, END);
    assertThatItEmbeds(new Stored(List.of(), List.of(END), END), "", END);
    assertThatItEmbeds(new Stored(List.of(), List.of(), BEGIN), "", BEGIN);
  }

  @Test
  void an_empty_prompt_begins_with_the_begin_token_or_else_with_the_end_token() {
    try (TextGenerator generator = generator(new Stored(List.of(), List.of(END), END))) {
      assertThat(generator.promptTokens("")).containsExactly(BEGIN);
    }
    try (TextGenerator generator = generator(ByteTokenizer.plain())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> generator.promptTokens(""))
          .withMessageContaining("an empty prompt needs");
    }
  }
}
