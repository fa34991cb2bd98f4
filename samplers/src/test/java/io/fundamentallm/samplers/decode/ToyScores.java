package io.fundamentallm.samplers.decode;

import io.fundamentallm.contract.ToyModel;
import java.util.SplittableRandom;

/** Logits of toy models whose text repeats itself, as real text does. */
final class ToyScores {
  private ToyScores() {}

  /**
   * Logits in [0, scale) by the last two tokens, and noise in [0, noise) by the whole sequence,
   * which shows whether any token before is out of place.
   *
   * @param salt tells the noises of two models apart
   */
  static ToyModel.Scores lastTwo(float scale, float noise, long salt) {
    return (tokens, length, row) -> {
      long pair = tokens[length - 1] + 1000L * tokens[Math.max(0, length - 2)];
      long all = salt;
      for (int i = 0; i < length; i++) {
        all = all * 0x9E3779B97F4A7C15L + tokens[i];
      }
      SplittableRandom scores = new SplittableRandom(pair);
      SplittableRandom noises = new SplittableRandom(all);
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) (scale * scores.nextDouble() + noise * noises.nextDouble());
      }
    };
  }
}
