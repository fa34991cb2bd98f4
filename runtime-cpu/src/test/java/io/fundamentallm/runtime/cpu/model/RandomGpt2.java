package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/** Small models with random weights, large enough that every token matters to every other. */
final class RandomGpt2 {
  static final Gpt2Config CONFIG = new Gpt2Config(37, 70, 24, 2, 3);

  private RandomGpt2() {}

  static float[] parameters(Gpt2Config config, long seed) {
    Random random = new Random(seed);
    float[] parameters = new float[new ParameterLayout(config).size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) (0.2 * random.nextGaussian());
    }
    return parameters;
  }

  static CpuLanguageModel model(Gpt2Config config, Kernels kernels, int threads) {
    return new CpuLanguageModel(
        config,
        parameters(config, 5),
        OptionalInt.of(0),
        Set.of(1),
        kernels,
        Parallel.ofThreads(threads));
  }
}
