package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The time of one decoded token after contexts of several lengths. Each length has a session with a
 * random prompt, which goes back to it before each turn.
 */
final class ContextCost {
  private static final List<Integer> LENGTHS = List.of(128, 256, 512, 1024, 2048);

  /** Few enough for the length to be nearly the same over all of them. */
  private static final int TIMED = 32;

  private ContextCost() {}

  static void measure(OnnxTrial trial) throws IOException {
    List<Session> sessions = new ArrayList<>();
    try (LanguageModel model = trial.load()) {
      try {
        Rotation rotation = new Rotation();
        float[] logits = new float[trial.shape().vocabulary()];
        for (int length : LENGTHS) {
          Session session = model.open();
          sessions.add(session);
          session.append(Prompts.random(trial.shape(), length, length), logits);
          int[] first = {Greedy.choose(logits)};
          rotation.add(name(length), () -> seconds(session, length, first.clone(), logits));
        }
        trial.run(rotation);
        trial.printHeading("context", model);
        print(trial, rotation);
      } finally {
        sessions.forEach(Session::close);
      }
    }
  }

  /**
   * The seconds a token. The first one is not timed: a session that went back to its length may
   * have to make room again.
   */
  private static double seconds(Session session, int length, int[] next, float[] logits) {
    session.truncate(length);
    session.append(next, logits);
    long start = System.nanoTime();
    for (int i = 0; i < TIMED; i++) {
      next[0] = Greedy.choose(logits);
      session.append(next, logits);
    }
    return (System.nanoTime() - start) * 1e-9 / TIMED;
  }

  private static String name(int length) {
    return "after " + length;
  }

  private static void print(OnnxTrial trial, Rotation rotation) {
    String shortest = name(LENGTHS.get(0));
    for (String name : rotation.names()) {
      Figure.add(name, trial.form().toString(), rotation.median(name) * 1e3);
      System.out.printf(
          Locale.ROOT,
          "  %-12s %8.3f ms a token  best %8.3f  %5.2f x that %s%n",
          name,
          rotation.median(name) * 1e3,
          rotation.minimum(name) * 1e3,
          rotation.medianRatio(name, shortest),
          shortest);
    }
  }
}
