package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.RowStatistics;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;

/**
 * Compares a model with a reference, such as int4 weights with the same weights in f32, on texts
 * that both read. Immutable and thread-safe; the {@code with…} methods give a changed copy. Owns
 * neither model.
 *
 * <p>Texts are read as {@link TextScorer} reads them: after the vocabulary's begin token where it
 * has one, and in windows that advance by the stride if they are longer than the smaller of the two
 * contexts. All sums are in double.
 */
public final class ModelComparer {
  private final Tokenizer tokenizer;
  private final LanguageModel reference;
  private final LanguageModel candidate;
  private final int stride;
  private final Cancellation cancellation;

  private ModelComparer(
      Tokenizer tokenizer,
      LanguageModel reference,
      LanguageModel candidate,
      int stride,
      Cancellation cancellation) {
    this.tokenizer = tokenizer;
    this.reference = reference;
    this.candidate = candidate;
    this.stride = stride;
    this.cancellation = cancellation;
  }

  /**
   * A comparer whose windows advance by half a context.
   *
   * @throws IllegalArgumentException when the models' vocabularies differ in size, or the
   *     tokenizer's is larger, or smaller by more than padding
   */
  public static ModelComparer of(
      Tokenizer tokenizer, LanguageModel reference, LanguageModel candidate) {
    BeginToken.checkFit(tokenizer, requireNonNull(reference, "reference"));
    int expected = reference.info().vocabularySize();
    int actual = requireNonNull(candidate, "candidate").info().vocabularySize();
    if (actual != expected) {
      throw new IllegalArgumentException(
          "the candidate has a vocabulary of "
              + actual
              + " tokens and the reference one of "
              + expected
              + ": their distributions cannot be compared");
    }
    int half = Math.max(1, context(reference, candidate) / 2);
    return new ModelComparer(tokenizer, reference, candidate, half, Cancellation.none());
  }

  private static int context(LanguageModel reference, LanguageModel candidate) {
    return Math.min(reference.info().contextLength(), candidate.info().contextLength());
  }

  /**
   * With another stride.
   *
   * @param stride tokens by which windows advance, in {@code [1, smaller contextLength]}
   */
  public ModelComparer withStride(int stride) {
    ScoredRows.checkStride(stride, context(reference, candidate));
    return new ModelComparer(tokenizer, reference, candidate, stride, cancellation);
  }

  /** With a way to stop; comparing then throws CancellationException. */
  public ModelComparer withCancellation(Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    return new ModelComparer(tokenizer, reference, candidate, stride, cancellation);
  }

  /** Compares on texts, each read separately; look-alikes of special tokens are text. */
  public ModelComparison compare(CharSequence... texts) {
    return compareTokens(
        Arrays.stream(texts).map(text -> tokenizer.encode(requireNonNull(text, "text"))).toList());
  }

  /**
   * Compares on sequences of tokens, each read separately.
   *
   * @param sequences ids, without the begin token; one that is already there is not added again
   * @throws IllegalArgumentException for an id outside the vocabulary
   * @throws NotFiniteException when a model gives a NaN
   * @throws ClosedModelException when a model is closed
   */
  public ModelComparison compareTokens(Iterable<int[]> sequences) {
    Totals totals = new Totals();
    ScoredRows rows = new ScoredRows(stride, cancellation, reference, candidate);
    int index = 0;
    for (int[] tokens : requireNonNull(sequences, "sequences")) {
      requireNonNull(tokens, "sequences[" + index++ + "] is null");
      int[] sequence = ScoredRows.withBegin(tokenizer, tokens, reference.info().vocabularySize());
      rows.read(
          sequence,
          (logits, first, count) -> {
            for (int i = 0; i < count; i++) {
              totals.add(logits[0][i], logits[1][i], sequence[first + i], first + i);
            }
          });
    }
    return totals.comparison();
  }

  /** Sums over all places. */
  private static final class Totals {
    private long tokens;
    private double referenceLog;
    private double candidateLog;
    private double divergence;
    private double maximumDivergence;
    private long sameBest;

    /** One place: the logits [V] of both, and the token that follows. */
    void add(float[] reference, float[] candidate, int token, int position) {
      double maximum = maximum("reference", reference, position);
      double candidateMaximum = maximum("candidate", candidate, position);
      double total = total(reference, maximum);
      double logTotal = maximum + StrictMath.log(total);
      double candidateLogTotal =
          candidateMaximum + StrictMath.log(total(candidate, candidateMaximum));
      double sum = 0;
      for (int i = 0; i < reference.length; i++) {
        double weight = Exp.exp(reference[i] - maximum);
        if (weight > 0) {
          sum += weight * ((reference[i] - logTotal) - (candidate[i] - candidateLogTotal));
        }
      }
      double here = Math.max(0, sum / total); // below 0 by rounding only
      tokens++;
      referenceLog += reference[token] - logTotal;
      candidateLog += candidate[token] - candidateLogTotal;
      divergence += here;
      maximumDivergence = Math.max(maximumDivergence, here);
      sameBest += best(reference) == best(candidate) ? 1 : 0;
    }

    private static double maximum(String model, float[] row, int position) {
      try {
        return RowStatistics.maximum(row, position);
      } catch (NotFiniteException e) {
        throw new NotFiniteException("the " + model + " model: " + e.getMessage(), e);
      }
    }

    private static double total(float[] row, double maximum) {
      double total = 0;
      for (float logit : row) {
        total += Exp.exp(logit - maximum);
      }
      return total;
    }

    private static int best(float[] row) {
      int best = 0;
      for (int i = 1; i < row.length; i++) {
        best = row[i] > row[best] ? i : best;
      }
      return best;
    }

    ModelComparison comparison() {
      double count = tokens; // 0 by 0 is NaN
      return new ModelComparison(
          tokens,
          StrictMath.exp(-referenceLog / count),
          StrictMath.exp(-candidateLog / count),
          divergence / count,
          tokens == 0 ? Double.NaN : maximumDivergence,
          sameBest / count);
    }
  }
}
