package io.fundamentallm.samplers;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.List;

/** Runs specs on one row of logits. */
final class Stages {
  private Stages() {}

  /** The distribution that a spec leaves. */
  static Distribution distribution(String spec, float... row) {
    Step step = step(row);
    return Samplers.parse(spec).bind(Binding.of(step.model())).distribution(step).orElseThrow();
  }

  /** A step after a prompt of one token. */
  static Step step(float... row) {
    ModelInfo info = ModelInfo.builder("test", row.length, 16).build();
    return new Step(info, TokenBuffer.ofPrompt(0), new Randomness(0, 0)).reset(row.clone());
  }

  /** The tokens that a spec leaves, in order of id. */
  static List<Integer> kept(String spec, float... row) {
    Distribution distribution = distribution(spec, row);
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < distribution.size(); i++) {
      kept.add(distribution.token(i));
    }
    return kept;
  }

  /** Logits whose softmax has these probabilities. */
  static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) StrictMath.log(probabilities[i]);
    }
    return logits;
  }
}
