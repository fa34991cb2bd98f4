package io.fundamentallm.benchmarks.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.loss.Loss;
import java.util.ArrayList;
import java.util.List;

/**
 * GPT-2 in DJL's arrays. What is computed belongs to the manager of the inputs; that is why no
 * parameter is ever the first operand.
 */
final class DjlModel {
  /** Minus infinity for softmax, without its NaNs. */
  private static final float HIDDEN = -1e9f;

  private final TrainingShape shape;
  private final NDManager manager;
  private final List<NDArray> parameters = new ArrayList<>();
  private final NDArray tokens; // [V][C], the head too
  private final NDArray positions; // [T][C]
  private final List<Layer> layers = new ArrayList<>();
  private final Norm last;
  private final NDArray mask; // [T][T]
  private final Loss loss = Loss.softmaxCrossEntropyLoss();

  private record Norm(NDArray weight, NDArray bias) {
    NDArray apply(NDArray x) {
      Shape channels = new Shape(x.getShape().get(2));
      return LayerNorm.layerNorm(x, channels, weight, bias, 1e-5f).singletonOrThrow();
    }
  }

  private record Product(NDArray weight, NDArray bias) {
    NDArray apply(NDArray x) {
      return Linear.linear(x, weight, bias).singletonOrThrow();
    }
  }

  private record Layer(
      Norm first, Product queriesKeysValues, Product out, Norm second, Product up, Product down) {}

  /** With random weights, which belong to the manager. */
  DjlModel(TrainingShape shape, NDManager manager) {
    this.shape = shape;
    this.manager = manager;
    int c = shape.channels;
    tokens = random(shape.vocabulary, c);
    positions = random(shape.context, c);
    for (int layer = 0; layer < shape.layers; layer++) {
      layers.add(
          new Layer(
              norm(),
              product(c, 3 * c),
              product(c, c),
              norm(),
              product(c, 4 * c),
              product(4 * c, c)));
    }
    last = norm();
    float[][] hidden = new float[shape.context][shape.context];
    for (int to = 0; to < shape.context; to++) {
      for (int from = to + 1; from < shape.context; from++) {
        hidden[to][from] = HIDDEN;
      }
    }
    mask = manager.create(hidden);
  }

  /** All that is trained. */
  List<NDArray> parameters() {
    return parameters;
  }

  /** The mean loss of a batch. Inputs are [B][T], targets [B·T][1]. */
  NDArray loss(NDArray inputs, NDArray targets) {
    NDArray x = Embedding.embedding(inputs, tokens, SparseFormat.DENSE).singletonOrThrow();
    x = x.add(positions);
    for (Layer layer : layers) {
      x = x.add(layer.out.apply(attention(layer.queriesKeysValues.apply(layer.first.apply(x)))));
      x = x.add(layer.down.apply(Activation.gelu(layer.up.apply(layer.second.apply(x)))));
    }
    NDArray logits = Linear.linear(last.apply(x), tokens).singletonOrThrow();
    NDArray rows = logits.reshape(-1, shape.vocabulary);
    return loss.evaluate(new NDList(targets), new NDList(rows));
  }

  private NDArray attention(NDArray queriesKeysValues) {
    long batch = queriesKeysValues.getShape().get(0);
    int width = shape.channels / shape.heads;
    NDArray parts = // [3][B][H][T][C/H]
        queriesKeysValues
            .reshape(batch, shape.context, 3, shape.heads, width)
            .transpose(2, 0, 3, 1, 4);
    NDArray scores = parts.get(0).matMul(parts.get(1).swapAxes(2, 3)).mul(1 / Math.sqrt(width));
    return scores
        .add(mask)
        .softmax(-1)
        .matMul(parts.get(2))
        .swapAxes(1, 2)
        .reshape(batch, shape.context, shape.channels);
  }

  private Norm norm() {
    return new Norm(
        parameter(manager.ones(new Shape(shape.channels))),
        parameter(manager.zeros(new Shape(shape.channels))));
  }

  private Product product(int in, int out) {
    return new Product(random(out, in), parameter(manager.zeros(new Shape(out))));
  }

  private NDArray random(int rows, int columns) {
    return parameter(manager.randomNormal(new Shape(rows, columns)).muli(0.02f));
  }

  private NDArray parameter(NDArray array) {
    array.setRequiresGradient(true);
    parameters.add(array);
    return array;
  }
}
