package io.fundamentallm.runtime.cpu.reference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Perplexity over stories written for this test, in the simple words that the model learned: the
 * exponential of the mean negative log-likelihood in nats, each story after a begin token.
 */
final class Perplexity {
  private double nats;
  private int count;

  private static @Nullable List<int[]> stories;

  /** The stories' tokens, each after a begin token. */
  static synchronized List<int[]> stories() throws IOException {
    if (stories == null) {
      stories = read();
    }
    return stories;
  }

  private static List<int[]> read() throws IOException {
    Stories260KTokenizer tokenizer = Stories260K.tokenizer();
    try (InputStream in = Perplexity.class.getResourceAsStream("stories.txt")) {
      List<int[]> stories = new ArrayList<>();
      for (String story : new String(in.readAllBytes(), UTF_8).split("\n\n", -1)) {
        stories.add(Stories260K.afterBegin(tokenizer.encode(story.strip())));
      }
      return stories;
    }
  }

  /** What the runtime makes of the stories. */
  static Perplexity of(LanguageModel model) throws IOException {
    return of(model, stories());
  }

  /** What the runtime makes of these texts. */
  static Perplexity of(LanguageModel model, List<int[]> texts) {
    Perplexity perplexity = new Perplexity();
    for (int[] story : texts) {
      float[][] logits = new float[story.length][model.info().vocabularySize()];
      try (Session session = model.open()) {
        session.append(story, logits);
      }
      for (int t = 1; t < story.length; t++) {
        double[] row = new double[logits[t - 1].length];
        for (int id = 0; id < row.length; id++) {
          row[id] = logits[t - 1][id];
        }
        perplexity.add(row, story[t]);
      }
    }
    return perplexity;
  }

  /** What the reference makes of the stories. */
  static Perplexity of(HuggingFaceModel model) throws IOException {
    Perplexity perplexity = new Perplexity();
    for (int[] story : stories()) {
      double[][] logits = ReferenceTransformer.run(model, story).logits();
      for (int t = 1; t < story.length; t++) {
        perplexity.add(logits[t - 1], story[t]);
      }
    }
    return perplexity;
  }

  private void add(double[] logits, int token) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - largest);
    }
    nats += largest + Math.log(sum) - logits[token];
    count++;
  }

  /** Number of tokens that the figure rests on. */
  int count() {
    return count;
  }

  double value() {
    return Math.exp(nats / count);
  }
}
