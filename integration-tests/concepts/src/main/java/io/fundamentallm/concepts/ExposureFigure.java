package io.fundamentallm.concepts;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a model foretells a text after so many characters that it had to draw itself. Both ways
 * begin with the same true context; then one goes on reading what was written, as in training, and
 * the other what the model draws, as in generation. Asked is always for the true character.
 */
final class ExposureFigure {
  private static final int PLACES = 600;
  private static final int TRUE_CONTEXT = 32;
  private static final int DISTANCES = 32;
  private static final int FIRST = 8;
  private static final int WIDTH = 560;
  private static final int HEIGHT = 300;

  private final Experiment experiment;
  private final LanguageModel model;
  private final List<int[]> texts = new ArrayList<>();
  private final List<Session> contexts = new ArrayList<>();
  private final float[][] rows;

  private ExposureFigure(Experiment experiment) {
    this.experiment = experiment;
    this.model = experiment.model();
    this.rows = new float[PLACES][model.info().vocabularySize()];
  }

  static Figure draw(Experiment experiment) {
    return new ExposureFigure(experiment).figure();
  }

  private Figure figure() {
    read();
    double[] given = losses(0);
    double[] drawn = losses(DISTANCES);
    double[] recovered = losses(FIRST);
    contexts.forEach(Session::close);
    Axes axes =
        new Axes(
            44, 52, WIDTH - 64, HEIGHT - 100, new Axes.Range(1, DISTANCES), new Axes.Range(1, 6));
    Svg svg = new Svg(WIDTH, HEIGHT, "Loss after the true text and after the model's own draws");
    svg.text("head", 10, 20, "Loss of the true character, by distance from the true context");
    axes.draw(svg, 4, 1, "characters since the context was true", "nats per character");
    svg.line("lb", axes.curve(1, drawn));
    svg.line("lc", axes.curve(1, recovered));
    svg.line("la", axes.curve(1, given));
    double right = axes.point(DISTANCES, 0)[0];
    svg.text("end", right, axes.point(0, 5.7)[1], "after its own draws");
    svg.text(
        "end", right, axes.point(0, 2.6)[1], "after " + FIRST + " of its own, then the true text");
    svg.text("end", right, axes.point(0, 1.25)[1], "after the true text");
    return new Figure(
        "exposure",
        svg.toString(),
        Figure.say(
            "With the true text before it a character costs %.2f nats on average; after one of the"
                + " model's own %.2f, after %d of them %.2f. Where the true text goes on then, it is"
                + " back to %.2f after %d characters of it.",
            mean(given, 0, DISTANCES), drawn[1], FIRST, drawn[FIRST], recovered[FIRST + 4], 4));
  }

  private static double mean(double[] losses, int from, int to) {
    return Arrays.stream(losses, from, to).average().orElseThrow();
  }

  /** Places spread evenly over the held-out text, and their contexts. */
  private void read() {
    long between = (experiment.data().validation().size() - TRUE_CONTEXT - DISTANCES) / PLACES;
    List<Append> batch = new ArrayList<>();
    for (int place = 0; place < PLACES; place++) {
      texts.add(experiment.heldOut(place * between, TRUE_CONTEXT + DISTANCES));
      contexts.add(model.open());
      int[] context = experiment.heldOut(place * between, TRUE_CONTEXT);
      batch.add(Append.of(contexts.get(place), context, rows[place]));
    }
    model.forward(batch, Cancellation.none());
  }

  /**
   * The mean loss at each distance.
   *
   * @param own how many characters the model draws before the true text goes on
   */
  private double[] losses(int own) {
    List<Session> sessions = contexts.stream().map(Session::fork).toList();
    double[] losses = new double[DISTANCES];
    float[][] logits = Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
    List<Append> batch = new ArrayList<>();
    for (int distance = 0; distance < DISTANCES; distance++) {
      for (int place = 0; place < PLACES; place++) {
        Distribution next = Distribution.softmax(Logits.of(logits[place]));
        int position = TRUE_CONTEXT + distance;
        int written = texts.get(place)[position];
        losses[distance] -= StrictMath.log(next.probability(written)) / PLACES;
        double u = new Randomness(1, place).uniform(position, Randomness.SAMPLE);
        int read = distance < own ? next.draw(u) : written;
        batch.add(Append.of(sessions.get(place), new int[] {read}, logits[place]));
      }
      model.forward(batch, Cancellation.none());
      batch.clear();
    }
    sessions.forEach(Session::close);
    return losses;
  }
}
