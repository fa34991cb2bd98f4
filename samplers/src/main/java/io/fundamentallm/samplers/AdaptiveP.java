package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;
import java.util.Optional;

/**
 * {@code adaptive-p(target=T,decay=D)}: a last choice that prefers tokens whose probability is near
 * T, and moves that aim so that the probabilities of the chosen ones average T (MrJackSpade,
 * llama.cpp's pull request 17927, 2025; rules and defaults are llama.cpp's). With the aim a, a
 * token of probability p gets the score
 *
 * <pre>5 - 10 d^2 / (1 + d), d = |p - a| / 0.3</pre>
 *
 * and is drawn from the softmax of these. With W the sum of the chosen probabilities and N their
 * number, both multiplied by D before each is added, the aim is 2 T - W / N, within {@code [0, 1]}.
 * They begin as if T had been chosen for ever: W = T / (1 - D), N = 1 / (1 - D).
 *
 * <p>T is in {@code [0, 1]}, D in {@code [0, 0.99]} and by default 0.9. A token that was not drawn
 * from here, such as a forced one, does not count. Cut the unlikely tail before it, as with {@code
 * min-p=0.05}: of a token of probability 0 it only keeps away what was removed.
 */
public final class AdaptiveP implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public AdaptiveP() {}

  @Override
  public String name() {
    return "adaptive-p";
  }

  @Override
  public SamplerStage create(Options options) {
    double target = options.real(options.has("value") ? "value" : "target", Range.closed(0, 1));
    double decay = options.real("decay", 0.9, Range.closed(0, 0.99));
    return SamplerStage.choice(
        binding -> new Aimed(target, decay, target / (1 - decay), 1 / (1 - decay)));
  }

  static final class Aimed implements Sampler, Stateful {
    private static final double WIDTH = 0.3;
    private static final double PEAK = 5;
    private static final double SHARPNESS = 10;

    private final double target;
    private final double decay;
    private final double initialSum;
    private final double initialWeight;
    private final Softmax softmax = new Softmax();

    /** Sum and weight after each token. */
    private double[] states = new double[32];

    private int accepted;

    /** What the next token was drawn from, while that is not yet known. */
    private int[] tokens = {};

    private double[] probabilities = {};
    private int drawn;

    Aimed(double target, double decay, double initialSum, double initialWeight) {
      this.target = target;
      this.decay = decay;
      this.initialSum = initialSum;
      this.initialWeight = initialWeight;
    }

    private double sum() {
      return accepted == 0 ? initialSum : states[2 * accepted - 2];
    }

    private double weight() {
      return accepted == 0 ? initialWeight : states[2 * accepted - 1];
    }

    /** The probability that the next token should have. */
    double aim() {
      return Math.min(1, Math.max(0, 2 * target - sum() / weight()));
    }

    /** Replaces the scores. */
    void bend(Logits logits) {
      softmax.of(logits);
      drawn = logits.count();
      if (tokens.length < drawn) {
        tokens = new int[logits.vocabularySize()];
        probabilities = new double[logits.vocabularySize()];
      }
      double aim = aim();
      for (int i = 0; i < drawn; i++) {
        double p = softmax.weight(i) / softmax.total();
        tokens[i] = logits.token(i);
        probabilities[i] = p;
        if (logits.score(i) != Float.NEGATIVE_INFINITY) {
          double distance = Math.abs(p - aim) / WIDTH;
          logits.setScore(i, (float) (PEAK - SHARPNESS * distance * distance / (1 + distance)));
        }
      }
    }

    @Override
    public int sample(Step step) {
      Logits logits = step.logits();
      bend(logits);
      softmax.of(logits);
      double drawnAt = step.uniform(Randomness.SAMPLE) * softmax.total();
      double cumulative = 0;
      for (int i = 0; i < drawn; i++) {
        cumulative += softmax.weight(i);
        if (cumulative > drawnAt) {
          return tokens[i];
        }
      }
      return logits.token(logits.maximumIndex());
    }

    @Override
    public Optional<Distribution> distribution(Step step) {
      bend(step.logits());
      return Optional.of(Distribution.softmax(step.logits()));
    }

    @Override
    public void accept(int token) {
      double sum = sum();
      double weight = weight();
      int index = Arrays.binarySearch(tokens, 0, drawn, token);
      if (index >= 0) {
        sum = probabilities[index] + decay * sum;
        weight = 1 + decay * weight;
      }
      drawn = 0;
      if (2 * accepted == states.length) {
        states = Arrays.copyOf(states, accepted * 4);
      }
      states[2 * accepted] = sum;
      states[2 * accepted + 1] = weight;
      accepted++;
    }

    @Override
    public Aimed fork() {
      Aimed fork = new Aimed(target, decay, initialSum, initialWeight);
      fork.states = states.clone();
      fork.accepted = accepted;
      fork.tokens = tokens.clone();
      fork.probabilities = probabilities.clone();
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
