package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.benchmarks.models.Weights;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** This library, through its public interface alone. */
final class OurEngine implements Engine {
  private final LanguageModel model;

  /** A model of any runtime, which the engine closes. */
  OurEngine(LanguageModel model) {
    this.model = model;
  }

  /**
   * Loads a directory in Hugging Face's layout.
   *
   * @throws IOException where the runtime refuses it
   */
  static OurEngine open(Path directory, Weights weights, int threads) throws IOException {
    return new OurEngine(load(directory, weights, threads));
  }

  /** The same with a precision of large products, {@code f32} or {@code bf16}. */
  static OurEngine open(Path directory, Weights weights, int threads, String precision)
      throws IOException {
    return new OurEngine(
        LanguageModels.load(
            directory,
            "cpu(threads=%d,precision=%s,weights=%s)"
                .formatted(threads, precision, weights.name().toLowerCase(Locale.ROOT))));
  }

  /** The model alone. */
  static LanguageModel load(Path directory, Weights weights, int threads) throws IOException {
    String more =
        weights == Weights.F32 ? "" : ",weights=" + weights.name().toLowerCase(Locale.ROOT);
    return LanguageModels.load(directory, "cpu(threads=" + threads + more + ")");
  }

  @Override
  public double prefill(int[] prompt) {
    float[] logits = row();
    long start = System.nanoTime();
    try (Session session = model.open()) {
      session.append(prompt, logits);
      Greedy.choose(logits);
      return (System.nanoTime() - start) * 1e-9;
    }
  }

  @Override
  public double decode(int[] prompt, int tokens) {
    float[] logits = row();
    int[] next = new int[1];
    try (Session session = model.open()) {
      session.append(prompt, logits);
      next[0] = Greedy.choose(logits);
      long start = System.nanoTime();
      for (int i = 1; i < tokens; i++) {
        session.append(next, logits);
        next[0] = Greedy.choose(logits);
      }
      return (System.nanoTime() - start) * 1e-9 / (tokens - 1);
    }
  }

  @Override
  public double decode(int[][] prompts, int tokens) {
    List<Session> sessions = new ArrayList<>();
    try {
      List<Append> batch = new ArrayList<>();
      for (int[] prompt : prompts) {
        Session session = model.open();
        sessions.add(session);
        float[] logits = row();
        session.append(prompt, logits);
        batch.add(Append.of(session, new int[] {Greedy.choose(logits)}, logits));
      }
      long start = System.nanoTime();
      for (int i = 1; i < tokens; i++) {
        model.forward(batch, Cancellation.none());
        for (Append append : batch) {
          append.tokens()[0] = Greedy.choose(append.logits()[0]);
        }
      }
      return (System.nanoTime() - start) * 1e-9 / (tokens - 1) / prompts.length;
    } finally {
      sessions.forEach(Session::close);
    }
  }

  @Override
  public int[] continuation(int[] prompt, int tokens) {
    float[] logits = row();
    int[] chosen = new int[tokens];
    try (Session session = model.open()) {
      // One by one, so that the way of decoding is compared with others' way of reading a prompt.
      for (int token : prompt) {
        session.append(new int[] {token}, logits);
      }
      for (int i = 0; i < tokens; i++) {
        chosen[i] = Greedy.choose(logits);
        session.append(new int[] {chosen[i]}, logits);
      }
    }
    return chosen;
  }

  private float[] row() {
    return new float[model.info().vocabularySize()];
  }

  @Override
  public void close() {
    model.close();
  }
}
