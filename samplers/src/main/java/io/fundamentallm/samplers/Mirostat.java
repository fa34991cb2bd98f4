package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.samplers.filter.Ranking;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.samplers.filter.TopKFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code mirostat(version=V,tau=T,eta=E)}: a last choice that steers the surprise of the text to T
 * bits a token (Basu, Ramachandran, Keskar, Varshney: "Mirostat: a neural text decoding algorithm
 * that directly controls perplexity", ICLR 2021; rules and defaults are llama.cpp's). It keeps a
 * limit mu, initially 2 T; each token with a surprise of S bits moves it by -E (S - T), where S is
 * measured in what was left to draw from.
 *
 * <p>Version 2, the default, keeps the tokens whose surprise is at most mu. Version 1 estimates the
 * exponent s of a Zipf law from the {@code m} best tokens (default 100) and keeps the best k, where
 *
 * <pre>k = ((s - 1) 2^mu / (1 - V^(1 - s)))^(1 / s), rounded down, V the vocabulary's size</pre>
 *
 * Both keep at least the best token. T defaults to 5 and E to 0.1. A token that was not drawn from
 * here, such as a forced one, leaves mu unchanged.
 */
public final class Mirostat implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Mirostat() {}

  @Override
  public String name() {
    return "mirostat";
  }

  @Override
  public SamplerStage create(Options options) {
    int version = options.integer("version", 2, 1, 2);
    double tau = options.real("tau", 5, Range.greaterThan(0));
    double eta = options.real("eta", 0.1, Range.atLeast(0));
    int m = version == 1 ? options.integer("m", 100, 2, Integer.MAX_VALUE) : 0;
    return stage(version, tau, eta, m);
  }

  static SamplerStage stage(int version, double tau, double eta, int m) {
    return SamplerStage.named(
        "mirostat",
        SamplerStage.choice(binding -> new Steered(version == 1 ? m : 0, tau, eta, 2 * tau)));
  }

  /** The k of version 1, before it is rounded down. */
  static double zipfRank(double s, double mu, int vocabularySize) {
    double epsilon = s - 1;
    return Exp.pow(epsilon * Exp.pow(2, mu) / (1 - Exp.pow(vocabularySize, -epsilon)), 1 / s);
  }

  /** The exponent of a Zipf law through the best m candidates. */
  static double zipfExponent(Logits logits, Ranking ranking, int m) {
    double products = 0;
    double squares = 0;
    for (int i = 0; i < m - 1 && i < logits.count() - 1; i++) {
      float next = logits.score(ranking.index(i + 1));
      if (next == Float.NEGATIVE_INFINITY) {
        break;
      }
      double t = StrictMath.log((i + 2.0) / (i + 1));
      products += t * ((double) logits.score(ranking.index(i)) - next);
      squares += t * t;
    }
    return squares == 0 ? 1 : products / squares;
  }

  static final class Steered implements Sampler, Stateful {
    private static final double LN2 = StrictMath.log(2);

    private final int m; // 0: version 2
    private final double tau;
    private final double eta;
    private final double initial;
    private final TopKFilter best = new TopKFilter();
    private final ThresholdFilter floor = new ThresholdFilter(1, false);
    private final Softmax softmax = new Softmax();
    private final Ranking ranking = new Ranking();

    /** The limit after each token. */
    private double[] limits = new double[16];

    private int accepted;

    /** What the next token was drawn from, while that is not yet known: ids and surprises. */
    private int[] tokens = {};

    private double[] surprises = {};
    private int drawn;

    Steered(int m, double tau, double eta, double initial) {
      this.m = m;
      this.tau = tau;
      this.eta = eta;
      this.initial = initial;
    }

    /** mu. */
    double limit() {
      return accepted == 0 ? initial : limits[accepted - 1];
    }

    private void truncate(Logits logits) {
      softmax.of(logits);
      if (m == 0) {
        // a surprise of at most mu bits is a probability of at least 2^-mu
        floor.keep(logits, softmax.scoreOf(Exp.exp(-limit() * LN2)));
      } else {
        ranking.of(logits);
        double s = zipfExponent(logits, ranking, m);
        double k = zipfRank(s, limit(), logits.vocabularySize());
        best.keep(logits, k >= 1 ? (int) k : 1, false); // 1 also if k is NaN
      }
      softmax.of(logits);
      drawn = logits.count();
      if (tokens.length < drawn) {
        tokens = new int[logits.vocabularySize()];
        surprises = new double[logits.vocabularySize()];
      }
      for (int i = 0; i < drawn; i++) {
        tokens[i] = logits.token(i);
        surprises[i] = softmax.surprise(logits.score(i)) / LN2;
      }
    }

    @Override
    public int sample(Step step) {
      Logits logits = step.logits();
      truncate(logits);
      double target = step.uniform(Randomness.SAMPLE) * softmax.total();
      double cumulative = 0;
      for (int i = 0; i < drawn; i++) {
        cumulative += softmax.weight(i);
        if (cumulative > target) {
          return tokens[i];
        }
      }
      return logits.token(logits.maximumIndex());
    }

    @Override
    public Optional<Distribution> distribution(Step step) {
      truncate(step.logits());
      return Optional.of(Distribution.softmax(step.logits()));
    }

    @Override
    public void accept(int token) {
      double limit = limit();
      int index = Arrays.binarySearch(tokens, 0, drawn, token);
      if (index >= 0 && surprises[index] < Double.POSITIVE_INFINITY) {
        limit -= eta * (surprises[index] - tau);
      }
      drawn = 0;
      if (accepted == limits.length) {
        limits = Arrays.copyOf(limits, accepted * 2);
      }
      limits[accepted++] = limit;
    }

    @Override
    public Steered fork() {
      Steered fork = new Steered(m, tau, eta, initial);
      fork.limits = limits.clone();
      fork.accepted = accepted;
      fork.tokens = tokens.clone();
      fork.surprises = surprises.clone();
      fork.drawn = drawn;
      return fork;
    }

    @Override
    public void rollback(int count) {
      if (count < 0 || count > accepted) {
        throw new IllegalArgumentException(
            "cannot roll back " + count + " of " + accepted + " tokens");
      }
      accepted -= count;
      drawn = 0;
    }
  }
}
