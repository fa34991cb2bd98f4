package io.fundamentallm.benchmarks.models;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A tensor of a random model.
 *
 * @param name in Hugging Face's layout
 * @param shape outermost dimension first
 */
record Tensor(String name, int... shape) {
  /** The deviation that GPT-2 was initialised with. */
  private static final double DEVIATION = 0.02;

  int elements() {
    int product = 1;
    for (int size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /** The same values every time: N(0, 0.02²), and 1 more for the gains of norms. */
  float[] values() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(name.hashCode());
    float mean = shape.length == 1 && name.endsWith(".weight") ? 1 : 0;
    float[] values = new float[elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + DEVIATION * random.nextGaussian());
    }
    return values;
  }
}
