package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.contract.ToyModel.Scores;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ModelComparerTest {
  private static final int SIZE = 258;
  private static final Tokenizer TOKENIZER = ByteTokenizer.withBeginAndEnd();

  private static ToyModel model(int context, Scores scores) {
    return new ToyModel(ToyModel.info(SIZE, context).build(), scores);
  }

  /** The hashing logits, made coarser as few bits would. */
  private static Scores coarse() {
    return (tokens, length, row) -> {
      ToyModel.hashing().score(tokens, length, row);
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.round(row[i] * 4) / 4f;
      }
    };
  }

  private static double[] softmax(float[] row) {
    double[] weights = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      weights[i] = StrictMath.exp(row[i]);
    }
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / total).toArray();
  }

  private static int best(float[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = row[i] > row[best] ? i : best;
    }
    return best;
  }

  @Test
  void figures_are_those_of_a_plain_computation() {
    int[] text = new Random(1).ints(20, 0, 256).toArray();
    ModelComparison comparison =
        ModelComparer.of(TOKENIZER, model(64, ToyModel.hashing()), model(64, coarse()))
            .compareTokens(List.of(text));

    int[] sequence = BeginToken.prepend(256, text);
    double referenceLog = 0;
    double candidateLog = 0;
    double sum = 0;
    double maximum = 0;
    int same = 0;
    for (int at = 1; at < sequence.length; at++) {
      float[] reference = new float[SIZE];
      float[] candidate = new float[SIZE];
      ToyModel.hashing().score(sequence, at, reference);
      coarse().score(sequence, at, candidate);
      double[] p = softmax(reference);
      double[] q = softmax(candidate);
      double divergence = 0;
      for (int i = 0; i < SIZE; i++) {
        divergence += p[i] * StrictMath.log(p[i] / q[i]);
      }
      sum += divergence;
      maximum = Math.max(maximum, divergence);
      referenceLog += StrictMath.log(p[sequence[at]]);
      candidateLog += StrictMath.log(q[sequence[at]]);
      same += best(reference) == best(candidate) ? 1 : 0;
    }
    assertThat(comparison.tokens()).isEqualTo(20);
    assertThat(comparison.referencePerplexity())
        .isCloseTo(StrictMath.exp(-referenceLog / 20), within(1e-9));
    assertThat(comparison.candidatePerplexity())
        .isCloseTo(StrictMath.exp(-candidateLog / 20), within(1e-9));
    assertThat(comparison.perplexityRatio())
        .isCloseTo(StrictMath.exp((referenceLog - candidateLog) / 20), within(1e-9));
    assertThat(comparison.meanDivergence()).isPositive().isCloseTo(sum / 20, within(1e-9));
    assertThat(comparison.maximumDivergence()).isCloseTo(maximum, within(1e-9));
    assertThat(comparison.sameBest()).isBetween(0.05, 0.95).isEqualTo(same / 20.0);
  }

  @Test
  void a_model_is_not_far_from_itself() {
    ToyModel same = model(16, ToyModel.hashing());
    ModelComparison comparison =
        ModelComparer.of(TOKENIZER, same, same).compare("a text longer than the context", "b");
    assertThat(comparison.tokens()).isEqualTo(31);
    assertThat(comparison.perplexityRatio()).isEqualTo(1);
    assertThat(comparison.meanDivergence()).isZero();
    assertThat(comparison.maximumDivergence()).isZero();
    assertThat(comparison.sameBest()).isEqualTo(1);
    assertThat(same.openSessions()).isZero();
  }

  @Test
  void perplexities_are_those_of_the_scorer_in_the_same_windows() {
    String text = "longer than the smaller of the two contexts";
    LanguageModel reference = model(12, ToyModel.hashing());
    LanguageModel candidate = model(30, coarse());
    for (int stride : new int[] {1, 5, 12}) {
      ModelComparison comparison =
          ModelComparer.of(TOKENIZER, reference, candidate).withStride(stride).compare(text);
      TextScore score = TextScorer.of(TOKENIZER, reference).withStride(stride).score(text);
      TextScore other =
          TextScorer.of(TOKENIZER, model(12, coarse())).withStride(stride).score(text);
      assertThat(comparison.tokens()).isEqualTo(text.length());
      assertThat(comparison.referencePerplexity()).isCloseTo(score.perplexity(), within(1e-9));
      assertThat(comparison.candidatePerplexity()).isCloseTo(other.perplexity(), within(1e-9));
    }
  }

  @Test
  void a_token_that_only_the_candidate_excludes_is_infinitely_far() {
    Scores excluding = (tokens, length, row) -> row[9] = Float.NEGATIVE_INFINITY;
    Scores uniform = (tokens, length, row) -> {};
    ModelComparison far =
        ModelComparer.of(TOKENIZER, model(8, uniform), model(8, excluding)).compare("ab");
    assertThat(far.meanDivergence()).isInfinite();
    assertThat(far.candidatePerplexity()).isCloseTo(SIZE - 1, within(1e-9));
    ModelComparison near =
        ModelComparer.of(TOKENIZER, model(8, excluding), model(8, uniform)).compare("ab");
    assertThat(near.meanDivergence()).isCloseTo(StrictMath.log(SIZE / (SIZE - 1.0)), within(1e-9));
  }

  @Test
  void where_nothing_was_scored_there_are_no_figures() {
    ToyModel model = model(8, ToyModel.hashing());
    for (ModelComparison none :
        List.of(
            ModelComparer.of(TOKENIZER, model, model).compare(),
            ModelComparer.of(ByteTokenizer.plain(), model, model).compare("a", ""))) {
      assertThat(none.tokens()).isZero();
      assertThat(none.perplexityRatio()).isNaN();
      assertThat(none.meanDivergence()).isNaN();
      assertThat(none.maximumDivergence()).isNaN();
      assertThat(none.sameBest()).isNaN();
    }
  }

  @Test
  void it_prints_as_one_line() {
    assertThat(new ModelComparison(1234, 12.5, 12.625, 0.00123456, 0.4321, 0.9876))
        .hasToString(
            "1234 tokens: perplexity 12.6250 against 12.5000 (ratio 1.01000), KL divergence"
                + " 0.001235 nats per token in the mean and 0.4321 at most, same best token at"
                + " 98.76 %");
  }

  @Test
  void models_that_cannot_be_compared_are_refused() {
    ToyModel model = model(8, ToyModel.hashing());
    ToyModel larger = new ToyModel(ToyModel.info(300, 8).build(), ToyModel.hashing());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelComparer.of(TOKENIZER, model, larger))
        .withMessage(
            "the candidate has a vocabulary of 300 tokens and the reference one of 258: their"
                + " distributions cannot be compared");
    ModelComparer comparer = ModelComparer.of(TOKENIZER, model, model);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> comparer.withStride(9))
        .withMessage("stride 9 is not in [1, 8]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> comparer.compareTokens(List.of(new int[] {1, 258})))
        .withMessage("token 258 at index 1 is outside the vocabulary [0, 258)");
  }

  @Test
  void a_nan_names_its_model_and_place() {
    ToyModel broken = model(8, (tokens, length, row) -> row[5] = length == 3 ? Float.NaN : 0);
    ModelComparer comparer = ModelComparer.of(TOKENIZER, model(8, ToyModel.hashing()), broken);
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> comparer.compare("abcd"))
        .withMessage("the candidate model: the logit of token 5 at position 3 is NaN");
    assertThat(broken.openSessions()).isZero();
  }

  @Test
  void comparing_can_be_cancelled() {
    ToyModel model = model(8, ToyModel.hashing());
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                ModelComparer.of(TOKENIZER, model, model)
                    .withCancellation(() -> true)
                    .compare("abc"));
    assertThat(model.openSessions()).isZero();
  }
}
