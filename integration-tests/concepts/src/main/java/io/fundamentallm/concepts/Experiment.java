package io.fundamentallm.concepts;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small model and how it came to be; what all figures look into. Deterministic: the same bits on
 * every JDK and with any number of threads.
 *
 * @param data its tokens; the last tenth is held out
 * @param plan what was trained and how
 * @param model the trained weights
 * @param trainingLosses of each step's batch, in nats per token
 * @param evaluations on the held-out tokens, the last one on all of them
 */
record Experiment(
    TrainingData data,
    TrainingPlan plan,
    LanguageModel model,
    double[] trainingLosses,
    List<TrainingListener.Evaluation> evaluations)
    implements AutoCloseable {

  private static final String NOVEL = "/io/fundamentallm/quickstart/pride-and-prejudice.txt";

  /** Trains; takes about ten seconds of two cores. */
  static Experiment train() throws IOException {
    String text = novel();
    Tokenizer tokenizer = Tokenizers.learn("character", text);
    TrainingData data = TrainingData.ofText(tokenizer, text, 0.9); // the last tenth is held out
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("target", "concepts", "model"))
            .architecture("llama(layers=2,heads=4,hidden-size=64)")
            .contextLength(64)
            .batchSize(8)
            .steps(400)
            .optimizer("muon")
            .learningRate(0.02, 0.002)
            .warmupSteps(20)
            .validation(Validation.every(25).withWindows(120))
            .build();
    Curve curve = new Curve();
    Trainers.configured().train(data, plan, curve);
    LanguageModel model = LanguageModels.load(plan.modelDirectory());
    return new Experiment(
        data,
        plan,
        model,
        curve.training.stream().mapToDouble(loss -> loss).toArray(),
        List.copyOf(curve.evaluations));
  }

  Tokenizer tokenizer() {
    return data.tokenizer();
  }

  /** Tokens that the training did not see. */
  int[] heldOut(long from, int count) {
    int[] tokens = new int[count];
    data.validation().read(from, tokens, 0, count);
    return tokens;
  }

  @Override
  public void close() {
    model.close();
  }

  private static String novel() throws IOException {
    try (InputStream in = Experiment.class.getResourceAsStream(NOVEL)) {
      if (in == null) {
        throw new IllegalStateException(NOVEL + " is not on the class path; the quickstart has it");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static final class Curve implements TrainingListener {
    final List<Double> training = new ArrayList<>();
    final List<Evaluation> evaluations = new ArrayList<>();

    @Override
    public void onStep(Progress progress) {
      training.add(progress.loss());
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
      evaluations.add(evaluation);
    }
  }
}
