package io.fundamentallm.benchmarks.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * DJL's process in {@link CompareTraining}: takes turns in training on random tokens with libtorch.
 */
final class DjlSpeed {
  private static final float CLIP = 1;

  private final TrainingShape shape;
  private final NDManager manager;
  private final DjlModel model;
  private final Optimizer optimizer =
      AdamW.builder()
          .optLearningRateTracker(Tracker.fixed(1e-4f))
          .optBeta1(0.9f)
          .optBeta2(0.99f)
          .optWeightDecays(0.1f)
          .build();
  private final SplittableRandom random = new SplittableRandom(1);

  private DjlSpeed(TrainingShape shape, NDManager manager) {
    this.shape = shape;
    this.manager = manager;
    model = new DjlModel(shape, manager);
  }

  /** Trains a shape. */
  public static void main(String[] arguments) {
    Turns turns = new Turns();
    try (NDManager manager = NDManager.newBaseManager()) {
      DjlSpeed training = new DjlSpeed(TrainingShape.valueOf(arguments[0]), manager);
      do {
        training.step();
      } while (turns.goesOn());
    }
  }

  private void step() {
    int rows = shape.batch * shape.context;
    try (NDManager own = manager.newSubManager()) {
      NDArray inputs = own.create(tokens(rows), new Shape(shape.batch, shape.context));
      NDArray targets = own.create(tokens(rows), new Shape(rows, 1));
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray loss = model.loss(inputs, targets);
        collector.backward(loss);
        loss.getFloat();
      }
      update(own);
    }
  }

  /** Gradients add up from step to step unless they are cleared. */
  private void update(NDManager own) {
    List<NDArray> gradients = new ArrayList<>();
    double squares = 0;
    for (NDArray parameter : model.parameters()) {
      NDArray gradient = parameter.getGradient();
      gradient.attach(own);
      gradients.add(gradient);
      float norm = gradient.norm().getFloat();
      squares += (double) norm * norm;
    }
    double scale = CLIP / Math.max(CLIP, Math.sqrt(squares));
    for (int i = 0; i < gradients.size(); i++) {
      NDArray gradient = gradients.get(i);
      if (scale < 1) {
        gradient.muli(scale);
      }
      optimizer.update(Integer.toString(i), model.parameters().get(i), gradient);
      gradient.muli(0);
    }
  }

  private long[] tokens(int count) {
    return random.longs(count, 0, shape.vocabulary).toArray();
  }
}
