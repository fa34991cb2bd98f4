package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What another system made of a prompt: tokens that it appended greedily, and their rows. */
record Steps(int[] prompt, int[] tokens, double[][] logProbabilities) {

  /** Reads the lines of llama.mjs. */
  static Steps of(int[] prompt, List<String> lines) {
    return new Steps(
        prompt,
        ids(lines.get(1)),
        lines.stream()
            .skip(2)
            .map(line -> Stream.of(line.split(" ")).mapToDouble(Double::parseDouble).toArray())
            .toArray(double[][]::new));
  }

  static int[] ids(String line) {
    return Stream.of(line.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /**
   * Lets this project's model read the same tokens. Each must be its best one too, unless its best
   * is better by less than a gap; that is printed.
   *
   * @param most the gap, in nats
   * @return the divergence of each step, KL(ours ‖ theirs) in nats, the largest last
   */
  double[] divergences(String what, Path model, String runtime, double most) throws IOException {
    float[][] logits = logits(model, runtime);
    double[] divergences = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      double[] own = logProbabilities(logits[i]);
      int best = 0;
      for (int id = 0; id < own.length; id++) {
        best = own[id] > own[best] ? id : best;
      }
      if (best != tokens[i]) {
        double gap = own[best] - own[tokens[i]];
        System.out.printf(Locale.ROOT, "%s: step %d is a tie, gap %.2g%n", what, i, gap);
        assertThat(gap).as("%s, step %d", what, i).isLessThan(most);
      }
      for (int id = 0; id < own.length; id++) {
        double theirs = logProbabilities[i][id];
        divergences[i] += own[id] < -60 ? 0 : Math.exp(own[id]) * (own[id] - theirs);
      }
    }
    Arrays.sort(divergences);
    return divergences;
  }

  private float[][] logits(Path directory, String runtime) throws IOException {
    try (LanguageModel model = LanguageModels.load(directory, runtime);
        Session session = model.open()) {
      int[] all = Arrays.copyOf(prompt, prompt.length + tokens.length - 1);
      System.arraycopy(tokens, 0, all, prompt.length, tokens.length - 1);
      float[][] logits = new float[tokens.length][model.info().vocabularySize()];
      session.append(all, logits);
      return logits;
    }
  }

  private static double[] logProbabilities(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double total = 0;
    for (float logit : logits) {
      total += Math.exp(logit - largest);
    }
    double[] row = new double[logits.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = logits[i] - largest - Math.log(total);
    }
    return row;
  }
}
