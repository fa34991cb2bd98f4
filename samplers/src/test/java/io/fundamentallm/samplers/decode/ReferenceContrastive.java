package io.fundamentallm.samplers.decode;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The rule of contrastive search, written out plainly. */
final class ReferenceContrastive {
  private ReferenceContrastive() {}

  /** What stands before the model's eyes while the rule is followed by hand. */
  interface Window {
    List<Integer> with(List<Integer> context, int token);
  }

  /** The paper's rule over a fresh session for each text that is looked at. */
  static List<Integer> write(
      ToyModel model, int[] prompt, int k, double alpha, int max, Window window) {
    List<Integer> context = IntStream.of(prompt).boxed().toList();
    List<Integer> written = new ArrayList<>();
    while (written.size() < max) {
      double[] p = softmax(read(model, context, new float[0][]));
      List<Integer> best =
          IntStream.range(0, p.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer v) -> p[v]).reversed())
              .limit(k)
              .toList();
      int chosen = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int v : best) {
        List<Integer> all = window.with(context, v);
        float[][] hidden = new float[all.size()][4];
        read(model, all, hidden);
        double similarity = -1;
        for (int i = 0; i < hidden.length - 1; i++) {
          similarity = Math.max(similarity, cosine(hidden[i], hidden[hidden.length - 1]));
        }
        double score = (1 - alpha) * p[v] - alpha * similarity;
        if (score > highest) {
          highest = score;
          chosen = v;
        }
      }
      written.add(chosen);
      context = window.with(context, chosen);
    }
    return written;
  }

  private static float[] read(ToyModel model, List<Integer> tokens, float[][] hidden) {
    float[] row = new float[model.info().vocabularySize()];
    int[] all = tokens.stream().mapToInt(Integer::intValue).toArray();
    try (Session session = model.open()) {
      model.forward(
          List.of(new Append(session, all, new float[][] {row}, hidden)), Cancellation.none());
    }
    return row;
  }

  private static double[] softmax(float[] row) {
    double[] p = new double[row.length];
    double total = 0;
    for (float logit : row) {
      total += Math.exp(logit);
    }
    for (int v = 0; v < p.length; v++) {
      p[v] = Math.exp(row[v]) / total;
    }
    return p;
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int c = 0; c < a.length; c++) {
      ab += (double) a[c] * b[c];
      aa += (double) a[c] * a[c];
      bb += (double) b[c] * b[c];
    }
    return ab / Math.sqrt(aa * bb);
  }

  static List<Integer> joined(List<Integer> context, int token) {
    List<Integer> all = new ArrayList<>(context);
    all.add(token);
    return all;
  }
}
