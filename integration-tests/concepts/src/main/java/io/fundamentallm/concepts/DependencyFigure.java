package io.fundamentallm.concepts;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What each prediction depends on, measured: one token of a text is exchanged, and every
 * distribution before and after it is compared with what it was.
 */
final class DependencyFigure {
  private static final String TEXT = "My dear Mr. Bennet";
  private static final String OTHERS = "abcdefghijklmnopqrstuvwxyz";

  /** Bounds between the shades of the drawing. */
  private static final double[] BOUNDS = {0, 0.01, 0.03, 0.1, 0.3, 1};

  private static final int CELL = 20;
  private static final int LEFT = 90;
  private static final int TOP = 74;

  private final LanguageModel model;
  private final int[] tokens;

  /** [prediction][exchanged token]: mean total variation distance. */
  private final double[][] moved;

  private int unmoved;

  private DependencyFigure(Experiment experiment) {
    model = experiment.model();
    tokens = experiment.tokenizer().encode(TEXT);
    moved = new double[tokens.length][tokens.length];
    int[] others = experiment.tokenizer().encode(OTHERS);
    float[][] before = read(tokens);
    for (int exchanged = 0; exchanged < tokens.length; exchanged++) {
      compare(before, exchanged, others);
    }
  }

  static Figure draw(Experiment experiment) {
    return new DependencyFigure(experiment).figure();
  }

  private void compare(float[][] before, int exchanged, int[] others) {
    int count = 0;
    boolean[] same = new boolean[tokens.length];
    Arrays.fill(same, true);
    for (int other : others) {
      if (other == tokens[exchanged]) {
        continue;
      }
      int[] changed = tokens.clone();
      changed[exchanged] = other;
      float[][] after = read(changed);
      for (int i = 0; i < tokens.length; i++) {
        moved[i][exchanged] += distance(before[i], after[i]);
        same[i] &= Arrays.equals(before[i], after[i]);
      }
      count++;
    }
    for (int i = 0; i < tokens.length; i++) {
      moved[i][exchanged] /= count;
      unmoved += i < exchanged && same[i] ? 1 : 0;
    }
  }

  /** The logits after each token. */
  private float[][] read(int[] text) {
    float[][] rows = new float[text.length][model.info().vocabularySize()];
    try (var session = model.open()) {
      model.forward(List.of(Append.of(session, text, rows)), Cancellation.none());
    }
    return rows;
  }

  /** Total variation: the probability that would have to be moved. */
  private static double distance(float[] before, float[] after) {
    Distribution p = Distribution.softmax(Logits.of(before.clone()));
    Distribution q = Distribution.softmax(Logits.of(after.clone()));
    double sum = 0;
    for (int token = 0; token < before.length; token++) {
      sum += Math.abs(p.probability(token) - q.probability(token));
    }
    return sum / 2;
  }

  private Figure figure() {
    int size = CELL * tokens.length;
    Svg svg = new Svg(LEFT + size + 150, TOP + size + 16, "What each prediction depends on");
    svg.text("head", 10, 20, "How far the prediction moves when one character is exchanged");
    svg.text("small mid", LEFT + size / 2.0, TOP - 30, "exchanged character");
    svg.text("small end", LEFT - 24, TOP + 13, "prediction");
    svg.text("small end", LEFT - 24, TOP + 27, "after");
    for (int i = 0; i < tokens.length; i++) {
      String letter = TEXT.charAt(i) == ' ' ? "␣" : TEXT.substring(i, i + 1);
      svg.text("mono mid", LEFT + CELL * (i + 0.5), TOP - 8, letter);
      svg.text("mono mid", LEFT - 12, TOP + CELL * (i + 0.5) + 4, letter);
    }
    for (int shade = 1; shade < BOUNDS.length; shade++) {
      List<double[]> corners = new ArrayList<>();
      for (int i = 0; i < tokens.length; i++) {
        for (int j = 0; j < tokens.length; j++) {
          if (moved[i][j] > BOUNDS[shade - 1] && moved[i][j] <= BOUNDS[shade]) {
            corners.add(new double[] {LEFT + CELL * j + 1, TOP + CELL * i + 1});
          }
        }
      }
      double opacity = 0.2 * shade;
      svg.squares("a", opacity, CELL - 2, corners.toArray(new double[0][]));
      double y = TOP + CELL * (shade + 1);
      svg.squares("a", opacity, CELL - 2, new double[][] {{LEFT + size + 20, y}});
      svg.text("small", LEFT + size + 46, y + 13, "up to " + BOUNDS[shade]);
    }
    svg.rect("rule", LEFT + size + 20.5, TOP + CELL + 0.5, CELL - 3, CELL - 3);
    svg.text("small", LEFT + size + 46, TOP + CELL + 13, "exactly 0");
    svg.text("small", LEFT + size + 20, TOP + 8, "total variation");
    svg.rect("rule", LEFT - 0.5, TOP - 0.5, size + 1, size + 1);
    int above = tokens.length * (tokens.length - 1) / 2;
    return new Figure(
        "dependency",
        svg.toString(),
        Figure.say(
            "Of %d pairs of a prediction and a later character, exchanging the character left every bit"
                + " of every logit as it was in %d. The last character before a prediction moves it by"
                + " %.2f on average, the one before that by %.2f, one ten places back by %.3f.",
            above, unmoved, mean(0), mean(1), mean(10)));
  }

  /** The mean change that a character makes so many places later. */
  private double mean(int later) {
    double sum = 0;
    for (int j = 0; j + later < tokens.length; j++) {
      sum += moved[j + later][j];
    }
    return sum / (tokens.length - later);
  }
}
