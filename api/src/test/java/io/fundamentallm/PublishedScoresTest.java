package io.fundamentallm;

import static io.fundamentallm.PublishedCase.integer;
import static io.fundamentallm.PublishedCase.ints;
import static io.fundamentallm.PublishedCase.list;
import static io.fundamentallm.PublishedCase.real;
import static io.fundamentallm.PublishedCase.reals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.internal.batching.WatchedModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Scores by closed formulas, and windows as lm-evaluation-harness makes them. */
class PublishedScoresTest {
  private static final double LN_2 = Math.log(2);
  private static final Offset<Double> CLOSE = within(1e-9);

  /** Logits are floats, which round the logarithms that they are given as. */
  private static final Offset<Double> AS_FLOATS = within(2e-7);

  @Test
  void published_cases_hold() {
    PublishedCase.checkAll(
        Set.of("scoring"),
        Map.of(
            "closed-form entropy_bits", PublishedScoresTest::entropy,
            "closed-form bits_per_byte", PublishedScoresTest::bitsPerByte,
            "closed-form sequence_score", PublishedScoresTest::sequenceScore,
            "closed-form divergences", PublishedScoresTest::divergence,
            "lm-eval rolling_windows", PublishedScoresTest::rollingWindows,
            "lm-eval disjoint_window", PublishedScoresTest::disjointWindow));
  }

  /** A model whose distribution is always this one. */
  private static ToyModel always(double... probabilities) {
    return new ToyModel(
        ToyModel.info(probabilities.length, 8).build(),
        (tokens, length, row) -> {
          for (int i = 0; i < row.length; i++) {
            row[i] = (float) Math.log(probabilities[i]);
          }
        });
  }

  private static Pieces letters(int count) {
    return Pieces.of(Collections.nCopies(count, "x"));
  }

  private static @Nullable String entropy(PublishedCase one) {
    double[] p = reals(one.input(), "probs");
    TextScore score = TextScorer.of(letters(p.length), always(p)).score(0, 1);
    double bits = score.tokens().get(0).entropy();
    assertThat(bits).isEqualTo(real(one.expected(), "entropy_bits"), AS_FLOATS);
    assertThat(bits * LN_2).isEqualTo(real(one.expected(), "entropy_nats"), AS_FLOATS);
    assertThat(Math.exp(bits * LN_2) / real(one.expected(), "perplexity_of_distribution"))
        .isEqualTo(1, AS_FLOATS);
    return null;
  }

  private static TextScore score(double[] logProbabilities, double sum, long bytes) {
    List<TokenScore> tokens = new ArrayList<>();
    for (double logProbability : logProbabilities) {
      tokens.add(new TokenScore(0, logProbability, 0, 0, List.of()));
    }
    return new TextScore(tokens, sum, bytes, bytes);
  }

  /** Words are none of this library's units, so that their perplexity is left to the caller. */
  private static @Nullable String bitsPerByte(PublishedCase one) {
    double[] tokens = new double[integer(one.input(), "tokens")];
    double sum = -real(one.input(), "sum_nll_nats");
    TextScore score = score(tokens, sum, integer(one.input(), "bytes"));
    assertThat(score.bitsPerByte()).isEqualTo(real(one.expected(), "bits_per_byte"), CLOSE);
    assertThat(score.perplexity()).isEqualTo(real(one.expected(), "token_perplexity"), CLOSE);
    assertThat(Math.pow(2, score.bitsPerByte()))
        .isEqualTo(real(one.expected(), "byte_perplexity"), CLOSE);
    return null;
  }

  private static @Nullable String sequenceScore(PublishedCase one) {
    double[] logs = reals(one.input(), "token_logprobs_nats");
    double sum = real(one.expected(), "sum_logprob");
    TextScore score = score(logs, sum, 1);
    assertThat(score.tokens().stream().mapToDouble(TokenScore::logProbability).sum())
        .isEqualTo(sum, CLOSE);
    assertThat(score.perplexity() / real(one.expected(), "perplexity")).isEqualTo(1, CLOSE);
    assertThat(score.bitsPerToken() * logs.length)
        .isEqualTo(real(one.expected(), "total_bits"), CLOSE);
    assertThat(score.bitsPerToken() * LN_2).isEqualTo(real(one.expected(), "mean_nll_nats"), CLOSE);
    double[] surprisals = reals(one.expected(), "surprisal_bits");
    for (int i = 0; i < surprisals.length; i++) {
      assertThat(score.tokens().get(i).surprisal()).isEqualTo(surprisals[i], CLOSE);
    }
    List<Token> tokens =
        Arrays.stream(logs).mapToObj(p -> new Token(0, "", p, p, 0, List.of())).toList();
    GeneratedSequence sequence =
        new GeneratedSequence(tokens, "", FinishReason.END_TOKEN, Optional.empty(), Double.NaN);
    assertThat(sequence.logProbability()).isEqualTo(sum, CLOSE);
    return null;
  }

  /** Of the divergences this library measures Kullback and Leibler's. */
  private static @Nullable String divergence(PublishedCase one) {
    double[] p = reals(one.input(), "p");
    double[] q = reals(one.input(), "q");
    ModelComparison comparison =
        ModelComparer.of(letters(p.length), always(p), always(q)).compare("xx");
    assertThat(comparison.meanDivergence())
        .isEqualTo(real(one.expected(), "kl_p_q_nats"), AS_FLOATS);
    return null;
  }

  /** What the model reads and the tokens it scores with that. */
  private record Window(List<Integer> input, List<Integer> scored) {}

  /** The windows in which a scorer reads these tokens. */
  private static List<Window> windows(Tokenizer tokenizer, int context, int stride, int... tokens) {
    WatchedModel model = new WatchedModel(ToyModel.info(258, context).build()).free();
    List<List<Integer>> inputs = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    model.inspection =
        batch -> {
          Append append = batch.get(0);
          assertThat(append.session().length()).isZero();
          inputs.add(Arrays.stream(append.tokens()).boxed().toList());
          rows.add(append.logits().length);
        };
    List<Integer> scored =
        TextScorer.of(tokenizer, model).withStride(stride).score(tokens).tokens().stream()
            .map(TokenScore::token)
            .toList();
    List<Window> windows = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      windows.add(new Window(inputs.get(i), scored.subList(next, next + rows.get(i))));
      next += rows.get(i);
    }
    assertThat(next).isEqualTo(scored.size());
    return windows;
  }

  /** The prefix token is the begin token, and the context asked for is what the stride leaves. */
  private static @Nullable String rollingWindows(PublishedCase one) {
    int max = integer(one.params(), "max_seq_len");
    int stride = max - integer(one.params(), "context_len") + 1;
    int prefix = integer(one.params(), "prefix_token");
    List<Window> expected = new ArrayList<>();
    for (Object window : list(one.expected(), "windows")) {
      List<?> pair = (List<?>) window;
      expected.add(new Window(ids(pair.get(0), prefix), ids(pair.get(1), prefix)));
    }
    int[] tokens = ints(one.input().get("tokens"));
    assertThat(windows(ByteTokenizer.withBeginAndEnd(), max, stride, tokens)).isEqualTo(expected);
    return null;
  }

  private static List<Integer> ids(@Nullable Object tokens, int prefix) {
    return Arrays.stream(ints(tokens)).map(id -> id == prefix ? 256 : id).boxed().toList();
  }

  /**
   * The last window of a scorer that reads this input: what only it scores is the continuation, and
   * what stands before that is the context.
   */
  private static @Nullable String disjointWindow(PublishedCase one) {
    int[] input = ints(one.input().get("input"));
    int[] scored = ints(one.input().get("scored"));
    // before a window that scores less than it reads stands another one
    int before = scored.length < input.length ? scored.length : 0;
    int[] tokens =
        IntStream.concat(
                IntStream.concat(IntStream.range(0, before).map(i -> 200), Arrays.stream(input)),
                IntStream.of(scored[scored.length - 1]))
            .toArray();
    List<Window> windows = windows(ByteTokenizer.plain(), input.length, scored.length, tokens);
    Window last = windows.get(windows.size() - 1);
    List<Integer> context =
        last.input().subList(0, last.input().size() - (last.scored().size() - 1));
    assertThat(context).isEqualTo(boxed(one, "context"));
    assertThat(last.scored()).isEqualTo(boxed(one, "continuation"));
    return null;
  }

  private static List<Integer> boxed(PublishedCase one, String key) {
    return Arrays.stream(ints(one.expected().get(key))).boxed().toList();
  }
}
