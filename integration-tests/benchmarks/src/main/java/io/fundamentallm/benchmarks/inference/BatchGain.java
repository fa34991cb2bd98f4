package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** What it brings to decode sessions together, one token of each in a pass, beside one alone. */
final class BatchGain {
  private static final String ALONE = "1 session";
  private static final int SESSIONS = 16;
  private static final int PROMPT = 8;
  private static final int DECODED = 64;

  private BatchGain() {}

  static void measure(OnnxTrial trial) throws IOException {
    LanguageModel model = trial.load();
    try (OurEngine engine = new OurEngine(model)) {
      int[][] prompts = new int[SESSIONS][];
      Arrays.setAll(prompts, seed -> Prompts.random(trial.shape(), PROMPT, seed));
      Rotation rotation = new Rotation();
      rotation.add(ALONE, () -> engine.decode(prompts[0], DECODED));
      rotation.add(SESSIONS + " sessions", () -> engine.decode(prompts, DECODED));
      trial.run(rotation);
      trial.printHeading("batch", model);
      for (String name : rotation.names()) {
        Figure.add(trial.form().toString(), name, 1 / rotation.median(name));
        System.out.printf(
            Locale.ROOT,
            "  %-12s %9.1f tokens/s  best %9.1f  %5.2f x %s%n",
            name,
            1 / rotation.median(name),
            1 / rotation.minimum(name),
            rotation.medianRatio(ALONE, name),
            ALONE);
      }
    }
  }
}
