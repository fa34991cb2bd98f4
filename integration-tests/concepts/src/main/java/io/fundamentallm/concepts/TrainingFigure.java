package io.fundamentallm.concepts;

import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingListener.Evaluation;
import java.util.List;

/** Loss by training step, beside what models without any weights come to. */
final class TrainingFigure {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 330;

  private TrainingFigure() {}

  static Figure draw(Experiment experiment) {
    double[] losses = experiment.trainingLosses();
    List<Evaluation> evaluations = experiment.evaluations();
    double uniform = StrictMath.log(experiment.tokenizer().vocabulary().size());
    double letters = counted(experiment, false);
    double pairs = counted(experiment, true);
    double last = evaluations.get(evaluations.size() - 1).loss();

    Axes axes =
        new Axes(
            44,
            52,
            WIDTH - 64,
            HEIGHT - 100,
            new Axes.Range(0, losses.length),
            new Axes.Range(1, 5));
    Svg svg = new Svg(WIDTH, HEIGHT, "Loss of training and validation by step");
    svg.text("head", 10, 20, "Loss by training step");
    axes.draw(svg, 50, 1, "step", "nats per token");
    axes.level(svg, uniform, "every token alike");
    axes.level(svg, letters, "how often each character comes");
    axes.level(svg, pairs, "how often each character follows the one before");
    svg.line("la thin", axes.curve(1, losses));
    svg.line(
        "lb",
        evaluations.stream().map(at -> axes.point(at.step(), at.loss())).toArray(double[][]::new));
    svg.rect("a", WIDTH - 300, 12, 10, 10);
    svg.text("", WIDTH - 285, 21, "training, each batch");
    svg.rect("b", WIDTH - 155, 12, 10, 10);
    svg.text("", WIDTH - 140, 21, "validation");
    return new Figure(
        "training",
        svg.toString(),
        Figure.say(
            "After %d steps the validation loss is %.3f nats a character. A model that holds all"
                + " tokens alike has %.3f, one that counted how often each comes %.3f, one that"
                + " counted which follows which %.3f.",
            losses.length, last, uniform, letters, pairs));
  }

  /**
   * The validation loss of a model that only counted characters, or pairs of them, in the training
   * text; each count is one larger than it was, so that nothing is impossible.
   */
  private static double counted(Experiment experiment, boolean pairs) {
    int size = experiment.tokenizer().vocabulary().size();
    double[][] counts = new double[size][size];
    double[] totals = new double[size];
    int[] training = all(experiment.data().training());
    for (int i = 1; i < training.length; i++) {
      int before = pairs ? training[i - 1] : 0;
      counts[before][training[i]]++;
      totals[before]++;
    }
    int[] validation = all(experiment.data().validation());
    double sum = 0;
    for (int i = 1; i < validation.length; i++) {
      int before = pairs ? validation[i - 1] : 0;
      sum -= StrictMath.log((counts[before][validation[i]] + 1) / (totals[before] + size));
    }
    return sum / (validation.length - 1);
  }

  private static int[] all(TokenSequence sequence) {
    int[] tokens = new int[(int) sequence.size()];
    sequence.read(0, tokens, 0, tokens.length);
    return tokens;
  }
}
