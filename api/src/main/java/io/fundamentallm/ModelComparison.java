package io.fundamentallm;

import java.util.Locale;

/**
 * How far a model is from a reference: what its smaller weights cost. All figures are over the
 * scored tokens, and NaN where there were none.
 *
 * @param tokens how many tokens were scored
 * @param referencePerplexity exp of the mean negative log-probability that the reference gives them
 * @param candidatePerplexity the same for the candidate
 * @param meanDivergence mean over the tokens of the Kullback-Leibler divergence KL(reference ||
 *     candidate) of the two distributions at their places, in nats per token; 0 for equal ones
 * @param maximumDivergence the largest of these divergences, in nats; infinite if the candidate
 *     excludes a token that the reference does not
 * @param sameBest the fraction of places where both have the same most probable token, in [0, 1];
 *     ties go to the lowest id
 */
public record ModelComparison(
    long tokens,
    double referencePerplexity,
    double candidatePerplexity,
    double meanDivergence,
    double maximumDivergence,
    double sameBest) {

  /** The candidate's perplexity divided by the reference's: 1.01 is one per cent worse. */
  public double perplexityRatio() {
    return candidatePerplexity / referencePerplexity;
  }

  /** One line for a log. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d tokens: perplexity %.4f against %.4f (ratio %.5f), KL divergence %.6f nats per token in"
            + " the mean and %.4f at most, same best token at %.2f %%",
        tokens,
        candidatePerplexity,
        referencePerplexity,
        perplexityRatio(),
        meanDivergence,
        maximumDivergence,
        100 * sameBest);
  }
}
