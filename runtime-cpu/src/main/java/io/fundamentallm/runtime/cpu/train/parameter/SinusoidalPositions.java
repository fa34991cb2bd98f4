package io.fundamentallm.runtime.cpu.train.parameter;

/**
 * The fixed table of Vaswani et al. 2017: {@code sin(t/10000^(2i/C))} in channel 2i of position t
 * and the cosine in channel 2i + 1. The same bits on every JDK.
 */
public final class SinusoidalPositions {

  private static final double BASE = 10000;

  private SinusoidalPositions() {}

  /** Writes the table [T][C] in place of learned positions. */
  public static void write(TrainableConfig config, ParameterLayout layout, float[] parameters) {
    int c = config.hiddenSize();
    for (int t = 0; t < config.contextLength(); t++) {
      for (int i = 0; i < c; i++) {
        double angle = t / StrictMath.pow(BASE, (i - i % 2) / (double) c);
        double value = i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle);
        parameters[layout.positionEmbedding() + t * c + i] = (float) value;
      }
    }
  }
}
