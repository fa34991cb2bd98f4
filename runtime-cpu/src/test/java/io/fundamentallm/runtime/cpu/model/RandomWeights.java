package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Random weights of any shape, computed as they are read: nothing of them is held. The head is the
 * embedding.
 */
final class RandomWeights implements ModelWeights {
  private final TransformerConfig config;
  private final boolean biases;
  private final Matrix embedding;
  private long seed;

  RandomWeights(TransformerConfig config, boolean biases) {
    this.config = config;
    this.biases = biases;
    embedding = new Rows(config.vocabularySize(), config.hiddenSize(), 0.3, 1);
  }

  /** A loaded model of such weights. */
  static CpuLanguageModel model(
      TransformerConfig config,
      Matrix.@Nullable Format format,
      KvCache.Format cache,
      OptionalLong budget) {
    ModelInfo.Builder description =
        ModelInfo.builder(config.architecture(), config.vocabularySize(), config.contextLength())
            .beginToken(OptionalInt.of(0))
            .endTokens(Set.of(1));
    try {
      return CpuLanguageModel.load(
          config,
          new RandomWeights(config, !config.norms().rms()),
          format,
          description,
          Kernels.best(),
          Parallel.ofThreads(2),
          cache,
          budget);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Matrix embedding() {
    return embedding;
  }

  @Override
  public @Nullable Matrix positions() {
    return config.positions().get(0).rotary() == null
        ? new Rows(config.contextLength(), config.hiddenSize(), 0.3, 2)
        : null;
  }

  @Override
  public Layer layer(int index) {
    seed = 100L * (index + 1);
    int c = config.hiddenSize();
    int d = config.headSize();
    int queries = config.heads() * d;
    int keys = config.keyValueHeads() * d;
    boolean wide = config.attention().norm() == TransformerConfig.QueryKeyNorm.WIDTH;
    boolean normed = config.attention().norm() != TransformerConfig.QueryKeyNorm.NONE;
    float[] queryNorm = normed ? vector(wide ? queries : d, 1) : null;
    float[] keyNorm = !normed ? null : wide ? vector(keys, 1) : queryNorm;
    TransformerConfig.Norms norms = config.norms();
    return new Layer(
        norms.before() ? norm() : null,
        linear(queries + 2 * keys, c),
        queryNorm,
        keyNorm,
        config.attention().sinks() ? vector(config.heads(), 0) : null,
        linear(c, queries),
        norms.after() ? norm() : null,
        norms.before() ? norm() : null,
        feedForward(index),
        norms.after() ? norm() : null);
  }

  private FeedForward feedForward(int layer) {
    TransformerConfig.Experts rule = config.experts(layer);
    if (rule == null) {
      return new FeedForward(List.of(expert(config.innerSize(layer))), null);
    }
    List<Expert> experts = new ArrayList<>();
    for (int i = 0; i < rule.count(); i++) {
      experts.add(expert(config.innerSize()));
    }
    Linear router = linear(rule.count(), config.hiddenSize());
    return rule.sharedSize() == 0
        ? new FeedForward(experts, new Router(router, null, null))
        : new FeedForward(
            experts, new Router(router, expert(rule.sharedSize()), linear(1, config.hiddenSize())));
  }

  private Expert expert(int inner) {
    int c = config.hiddenSize();
    Linear gate = config.feedForward().gated() ? linear(inner, c) : null;
    return new Expert(gate, linear(inner, c), linear(c, inner));
  }

  @Override
  public Norm finalNorm() {
    seed = 10;
    return norm();
  }

  @Override
  public Linear head() {
    return new Linear(embedding, null);
  }

  private Norm norm() {
    int c = config.hiddenSize();
    return new Norm(vector(c, 1), config.norms().rms() ? null : vector(c, 0));
  }

  private Linear linear(int outputs, int inputs) {
    Matrix matrix = new Rows(outputs, inputs, 1.3 / Math.sqrt(inputs), seed++);
    return new Linear(matrix, biases ? vector(outputs, 0) : null);
  }

  private float[] vector(int size, float around) {
    float[] vector = new float[size];
    new Rows(1, size, 0.3, seed++).read(0, 1, vector);
    for (int i = 0; i < size; i++) {
      vector[i] += around;
    }
    return vector;
  }

  /** Even numbers of this deviation. */
  private record Rows(int rows, int columns, double deviation, long seed) implements Matrix {
    @Override
    public void read(int row, int count, float[] into) {
      for (int i = 0; i < count; i++) {
        SplittableRandom random = new SplittableRandom(seed << 32 | row + i);
        for (int j = 0; j < columns; j++) {
          double even = 2 * random.nextDouble() - 1;
          into[i * columns + j] = (float) (even * deviation * Math.sqrt(3));
        }
      }
    }
  }
}
