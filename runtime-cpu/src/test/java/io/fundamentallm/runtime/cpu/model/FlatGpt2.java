package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Arrays;

/** A trainer's flat parameters of a GPT-2 model as a loader's weights. */
record FlatGpt2(TrainableConfig config, float[] parameters, ParameterLayout layout)
    implements ModelWeights {

  @Override
  public Matrix embedding() {
    return new Flat(
        layout.tokenEmbedding(), config.vocabularySize(), config.hiddenSize(), false, parameters);
  }

  @Override
  public Matrix positions() {
    return new Flat(
        layout.positionEmbedding(), config.contextLength(), config.hiddenSize(), false, parameters);
  }

  @Override
  public Layer layer(int index) {
    BlockLayout block = layout.block(index);
    int c = config.hiddenSize();
    return new Layer(
        norm(block.norm1().weight(), block.norm1().bias()),
        linear(block.attention().weight(), block.attention().bias(), 3 * c, c),
        null,
        null,
        null,
        linear(block.attentionOut().weight(), block.attentionOut().bias(), c, c),
        null,
        norm(block.norm2().weight(), block.norm2().bias()),
        FeedForward.of(
            null,
            linear(block.mlp().weight(), block.mlp().bias(), 4 * c, c),
            linear(block.mlpOut().weight(), block.mlpOut().bias(), c, 4 * c)),
        null);
  }

  @Override
  public Norm finalNorm() {
    return norm(layout.finalNormWeight(), layout.finalNormBias());
  }

  @Override
  public Linear head() {
    return new Linear(embedding(), null);
  }

  private Norm norm(int weight, int bias) {
    int c = config.hiddenSize();
    return new Norm(vector(weight, c), vector(bias, c));
  }

  private Linear linear(int weight, int bias, int rows, int columns) {
    return new Linear(new Flat(weight, rows, columns, true, parameters), vector(bias, rows));
  }

  private float[] vector(int at, int size) {
    return Arrays.copyOfRange(parameters, at, at + size);
  }

  /** A matrix in the flat array, there [columns][rows] where transposed. */
  private record Flat(int at, int rows, int columns, boolean transposed, float[] parameters)
      implements Matrix {
    @Override
    public void read(int row, int count, float[] into) {
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < columns; j++) {
          int from = transposed ? j * rows + row + i : (row + i) * columns + j;
          into[i * columns + j] = parameters[at + from];
        }
      }
    }
  }
}
