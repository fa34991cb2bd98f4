package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.RowStatistics;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextScorerTest {
  private static final int SIZE = 258;
  private static final double LN_2 = Math.log(2);
  private static final Tokenizer BEGINNING = ByteTokenizer.withBeginAndEnd();
  private static final Tokenizer PLAIN = ByteTokenizer.plain();

  private static ToyModel hashing(int context) {
    return new ToyModel(ToyModel.info(SIZE, context).build(), ToyModel.hashing());
  }

  /** Every token has the same probability. */
  private static ToyModel uniform() {
    return new ToyModel(
        ToyModel.info(SIZE, 64).build(), (tokens, length, row) -> Arrays.fill(row, 3));
  }

  @Test
  void a_uniform_model_has_the_perplexity_of_its_vocabulary() {
    TextScore score = TextScorer.of(BEGINNING, uniform()).score("caf\u00E9");
    assertThat(score.tokens()).hasSize(5);
    assertThat(score.logProbability()).isCloseTo(-5 * Math.log(SIZE), within(1e-9));
    assertThat(score.perplexity()).isCloseTo(SIZE, within(1e-7));
    assertThat(score.bitsPerToken()).isCloseTo(Math.log(SIZE) / LN_2, within(1e-9));
    assertThat(score.bitsPerByte()).isCloseTo(Math.log(SIZE) / LN_2, within(1e-9));
    assertThat(score.characters()).isEqualTo(4);
    assertThat(score.bytes()).isEqualTo(5);
    assertThat(score.bitsPerCharacter()).isCloseTo(5 * Math.log(SIZE) / LN_2 / 4, within(1e-9));
    for (TokenScore token : score.tokens()) {
      assertThat(token.entropy()).isCloseTo(Math.log(SIZE) / LN_2, within(1e-9));
      assertThat(token.surprisal()).isCloseTo(Math.log(SIZE) / LN_2, within(1e-9));
      assertThat(token.rank()).isEqualTo(token.token());
    }
  }

  @Test
  void a_certain_model_is_not_surprised() {
    ToyModel model =
        new ToyModel(ToyModel.info(SIZE, 64).build(), ToyModel.scripted(1, 'a', 'b', 'c'));
    TextScore score = TextScorer.of(BEGINNING, model).score("abcab");
    assertThat(score.perplexity()).isCloseTo(1, within(1e-9));
    assertThat(score.bitsPerByte()).isCloseTo(0, within(1e-9));
    assertThat(score.tokens()).allMatch(token -> token.rank() == 0 && token.entropy() < 1e-9);
    TokenScore wrong = TextScorer.of(BEGINNING, model).score("ax").tokens().get(1);
    assertThat(wrong.surprisal()).isCloseTo(100 / LN_2, within(1e-6));
  }

  @Test
  void impossible_tokens_do_not_spoil_the_entropy() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(SIZE, 64).build(),
            (tokens, length, row) -> {
              Arrays.fill(row, Float.NEGATIVE_INFINITY);
              row['a'] = 1;
              row['b'] = 1;
            });
    TextScore score = TextScorer.of(BEGINNING, model).score("ab");
    assertThat(score.bitsPerToken()).isCloseTo(1, within(1e-12));
    assertThat(score.tokens().get(0).entropy()).isCloseTo(1, within(1e-12));
    assertThat(TextScorer.of(BEGINNING, model).score("c").logProbability())
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void the_first_token_is_scored_only_behind_a_begin_token() {
    ToyModel model = hashing(64);
    assertThat(TextScorer.of(BEGINNING, model).score("abc").tokens())
        .extracting(TokenScore::token)
        .containsExactly((int) 'a', (int) 'b', (int) 'c');
    TextScore without = TextScorer.of(PLAIN, model).score("abc");
    assertThat(without.tokens())
        .extracting(TokenScore::token)
        .containsExactly((int) 'b', (int) 'c');
    assertThat(without.bytes()).isEqualTo(2);
    assertThat(without.perplexity())
        .isCloseTo(Math.exp(-without.logProbability() / 2), within(1e-9));
  }

  @Test
  void a_begin_token_that_stands_there_is_not_put_twice() {
    TextScorer scorer = TextScorer.of(BEGINNING, hashing(64));
    assertThat(scorer.score(256, 'a', 'b')).isEqualTo(scorer.score('a', 'b'));
  }

  @Test
  void special_tokens_are_scored_but_are_no_text() {
    TextScore score = TextScorer.of(BEGINNING, hashing(64)).score('a', 257);
    assertThat(score.tokens()).hasSize(2);
    assertThat(score.bytes()).isEqualTo(1);
    assertThat(score.characters()).isEqualTo(1);
  }

  @Test
  void where_nothing_is_scored_figures_are_nan() {
    for (TextScore score :
        List.of(
            TextScorer.of(BEGINNING, hashing(64)).score(""),
            TextScorer.of(PLAIN, hashing(64)).score("a"),
            TextScorer.of(PLAIN, hashing(64)).score(""))) {
      assertThat(score.tokens()).isEmpty();
      assertThat(score.logProbability()).isZero();
      assertThat(score.perplexity()).isNaN();
      assertThat(score.bitsPerToken()).isNaN();
      assertThat(score.bitsPerByte()).isNaN();
      assertThat(score.bitsPerCharacter()).isNaN();
    }
  }

  @Test
  void every_stride_scores_each_token_once_with_the_context_it_promises() {
    int context = 8;
    ToyModel model = hashing(context);
    for (int length : new int[] {1, 5, 7, 8, 9, 10, 16, 17, 40}) {
      int[] tokens = new Random(length).ints(length, 0, 256).toArray();
      for (int stride = 1; stride <= context; stride++) {
        TextScore score = TextScorer.of(BEGINNING, model).withStride(stride).score(tokens);
        assertMatchesReference(score, tokens, context, stride);
      }
      assertThat(model.openSessions()).isZero();
    }
  }

  @Test
  void a_stride_of_half_a_context_is_the_default() {
    int[] tokens = new Random(1).ints(30, 0, 256).toArray();
    TextScorer scorer = TextScorer.of(BEGINNING, hashing(8));
    assertThat(scorer.score(tokens)).isEqualTo(scorer.withStride(4).score(tokens));
  }

  @Test
  void a_stride_of_a_whole_context_reads_the_text_once() {
    ToyModel model = hashing(8);
    TextScorer.of(BEGINNING, model).withStride(8).score(new int[64]);
    assertThat(model.computed()).isEqualTo(64);
  }

  /** The logits of each token by themselves, from the context it was promised, in double. */
  private static void assertMatchesReference(TextScore score, int[] text, int context, int stride) {
    int[] sequence = IntStream.concat(IntStream.of(256), Arrays.stream(text)).toArray();
    assertThat(score.tokens()).hasSize(text.length);
    double total = 0;
    for (int at = 1; at < sequence.length; at++) {
      int start = 0;
      if (at > context) {
        int window = (at - 1 - context) / stride;
        int end = Math.min(sequence.length, 1 + context + (window + 1) * stride);
        start = end - 1 - context;
        assertThat(at - start).isBetween(context - stride, context);
      }
      int[] seen = Arrays.copyOfRange(sequence, start, at);
      float[] row = new float[SIZE];
      ToyModel.hashing().score(seen, seen.length, row);
      TokenScore token = score.tokens().get(at - 1);
      assertThat(token.token()).isEqualTo(sequence[at]);
      total += assertRowMatches(token, row);
    }
    assertThat(score.logProbability()).isCloseTo(total, within(1e-9));
  }

  private static double assertRowMatches(TokenScore token, float[] row) {
    double sum = 0;
    for (float logit : row) {
      sum += StrictMath.exp(logit);
    }
    double entropy = 0;
    int rank = 0;
    for (int i = 0; i < row.length; i++) {
      double p = StrictMath.exp(row[i]) / sum;
      entropy -= p * StrictMath.log(p) / LN_2;
      rank += row[i] > row[token.token()] ? 1 : 0;
    }
    double logProbability = row[token.token()] - StrictMath.log(sum);
    assertThat(token.logProbability()).isCloseTo(logProbability, within(1e-9));
    assertThat(token.surprisal()).isCloseTo(-logProbability / LN_2, within(1e-9));
    assertThat(token.entropy()).isCloseTo(entropy, within(1e-9));
    assertThat(token.rank()).isEqualTo(rank);
    return logProbability;
  }

  @Test
  void alternatives_are_the_best_tokens_in_order() {
    TextScorer scorer = TextScorer.of(BEGINNING, hashing(64));
    assertThat(scorer.score("a").tokens().get(0).alternatives()).isEmpty();
    TokenScore token = scorer.withAlternatives(400).score("a").tokens().get(0);
    float[] row = new float[SIZE];
    ToyModel.hashing().score(new int[] {256}, 1, row);
    List<Integer> expected =
        IntStream.range(0, SIZE)
            .boxed()
            .sorted((i, j) -> row[i] == row[j] ? i - j : Float.compare(row[j], row[i]))
            .toList();
    assertThat(token.alternatives())
        .extracting(Token.Alternative::token)
        .containsExactlyElementsOf(expected);
    assertThat(token.alternatives().stream().mapToDouble(a -> Math.exp(a.logProbability())).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(token.alternatives().get(token.rank()).token()).isEqualTo('a');
    assertThat(scorer.withAlternatives(3).score("a").tokens().get(0).alternatives())
        .isEqualTo(token.alternatives().subList(0, 3));
  }

  @Test
  void equal_scores_rank_in_order_of_id() {
    RowStatistics row = RowStatistics.of(new float[] {1, 2, 2, 1, 2}, 4, 4, 0);
    assertThat(row.rank()).isEqualTo(2);
    assertThat(row.alternatives()).extracting(Token.Alternative::token).containsExactly(1, 2, 4, 0);
  }

  @Test
  void bad_input_is_refused_with_its_place() {
    TextScorer scorer = TextScorer.of(BEGINNING, hashing(8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(1, 2, 258))
        .withMessage("token 258 at index 2 is outside the vocabulary [0, 258)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.withStride(0))
        .withMessage("stride 0 is not in [1, 8]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.withStride(9))
        .withMessage("stride 9 is not in [1, 8]");
    assertThatIllegalArgumentException().isThrownBy(() -> scorer.withAlternatives(-1));
    ToyModel small = new ToyModel(ToyModel.info(257, 8).build(), ToyModel.hashing());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextScorer.of(BEGINNING, small))
        .withMessage(
            "the tokenizer has 258 ids but the model only 257 logits: they do not belong together."
                + " If both are of one directory, another tokenizer was saved over the model's own:"
                + " copy that back, or train the model again");
  }

  @Test
  void a_nan_names_its_token_and_position() {
    ToyModel model =
        new ToyModel(
            ToyModel.info(SIZE, 8).build(),
            (tokens, length, row) -> row[5] = length == 3 ? Float.NaN : 0);
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> TextScorer.of(BEGINNING, model).score("abcd"))
        .withMessage("the logit of token 5 at position 3 is NaN");
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void scoring_can_be_cancelled() {
    ToyModel model = hashing(8);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () -> TextScorer.of(BEGINNING, model).withCancellation(() -> true).score("abc"));
    assertThat(model.openSessions()).isZero();
  }
}
