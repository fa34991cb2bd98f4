package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** Small models with random weights, large enough that every token matters to every other. */
final class RandomGpt2 {
  static final TrainableConfig CONFIG = TrainableConfig.gpt2(37, 70, 24, 2, 3);

  private RandomGpt2() {}

  static float[] parameters(TrainableConfig config, long seed) {
    Random random = new Random(seed);
    float[] parameters = new float[new ParameterLayout(config).size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) (0.2 * random.nextGaussian());
    }
    return parameters;
  }

  static CpuLanguageModel model(TrainableConfig config, Kernels kernels, int threads) {
    return model(config, kernels, Parallel.ofThreads(threads));
  }

  static CpuLanguageModel model(TrainableConfig config, Kernels kernels, Parallel parallel) {
    return model(config, kernels, parallel, KvCache.Format.F32, OptionalLong.empty());
  }

  /** A model without end tokens. */
  static CpuLanguageModel endless() {
    return model(
        CONFIG,
        Kernels.best(),
        Parallel.ofThreads(2),
        KvCache.Format.F32,
        OptionalLong.empty(),
        Set.of());
  }

  static CpuLanguageModel model(
      TrainableConfig config,
      Kernels kernels,
      Parallel parallel,
      KvCache.Format cache,
      OptionalLong budget) {
    return model(config, kernels, parallel, cache, budget, Set.of(1));
  }

  private static CpuLanguageModel model(
      TrainableConfig config,
      Kernels kernels,
      Parallel parallel,
      KvCache.Format cache,
      OptionalLong budget,
      Set<Integer> end) {
    ModelInfo.Builder description =
        ModelInfo.builder("gpt2", config.vocabularySize(), config.contextLength())
            .beginToken(OptionalInt.of(0))
            .endTokens(end);
    try {
      return CpuLanguageModel.load(
          transformer(config),
          new FlatGpt2(config, parameters(config, 5), new ParameterLayout(config)),
          null,
          description,
          kernels,
          parallel,
          cache,
          budget);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TransformerConfig transformer(TrainableConfig config) {
    return new TransformerConfig(
        "gpt2",
        config.vocabularySize(),
        config.contextLength(),
        config.hiddenSize(),
        new TransformerConfig.Norms(
            false, config.normEpsilon(), TransformerConfig.Placement.BEFORE),
        TransformerConfig.Attention.of(config.heads(), config.heads(), config.headSize()),
        new TransformerConfig.FeedForward(4 * config.hiddenSize(), Activation.GELU_TANH, false),
        TransformerConfig.Scales.NONE,
        TransformerConfig.Positions.same(config.layers(), null, 0));
  }
}
