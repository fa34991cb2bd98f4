package io.fundamentallm.training;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.util.List;

/**
 * Training in rounds of a few local steps, for several machines that occasionally exchange what
 * they learned (DiLoCo, Douillard et al. 2023): each starts from given weights, takes k optimizer
 * steps, and returns the difference of all parameters. The optimizer's state and the order of the
 * data carry over from round to round. One thread at a time.
 */
public interface LocalTraining extends AutoCloseable {

  /**
   * One array of parameters.
   *
   * @param name Hugging Face's name of the tensor; GPT-2's without {@code transformer.}
   * @param shape its sizes; the array holds it row by row
   */
  record Parameter(String name, List<Integer> shape) {
    /** Keeps its own copy of the shape. */
    public Parameter {
      shape = List.copyOf(shape);
    }

    /** The length of the array. */
    public int size() {
      return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }
  }

  /** The arrays of parameters, in the order of exchange. */
  List<Parameter> parameters();

  /** A copy of the current weights: initially those of the plan's seed or model. */
  float[][] weights();

  /**
   * Trains a round. If it is cancelled, it returns no difference, but the optimizer's state keeps
   * what its steps changed.
   *
   * @param weights to start from; not changed
   * @param steps k, at least 1
   * @param cancellation asked at every step
   * @throws IllegalArgumentException when the arrays are not those of {@link #parameters()}
   * @throws IllegalStateException when the loss is no longer finite
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  Round train(float[][] weights, int steps, Cancellation cancellation);

  /**
   * The outcome of a round.
   *
   * @param difference of the weights after the steps minus those before, as arrays in the order of
   *     {@link #parameters()}
   * @param loss mean over the steps, in nats per token
   * @param tokens trained on
   */
  record Round(float[][] difference, double loss, long tokens) {}

  /**
   * Writes the model directory with these weights.
   *
   * @throws IOException when it cannot be written
   */
  void save(float[][] weights) throws IOException;

  @Override
  void close();
}
