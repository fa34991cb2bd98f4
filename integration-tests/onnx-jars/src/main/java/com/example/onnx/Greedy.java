package com.example.onnx;

import io.fundamentallm.model.Session;

/** The most probable token. */
final class Greedy {
  private Greedy() {}

  /** What follows, once these tokens are appended. */
  static int append(Session session, int... tokens) {
    float[] logits = new float[session.model().info().vocabularySize()];
    session.append(tokens, logits);
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }
}
