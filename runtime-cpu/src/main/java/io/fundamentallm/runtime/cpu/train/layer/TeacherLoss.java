package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.layer.Batch.Taught;

/**
 * The part of distillation (Hinton et al. 2015) that compares with the teacher: {@code T²·KL(p ‖
 * q)} of one row, where p is the softmax of the teacher's K log-probabilities divided by T, and q
 * that of all the student's logits divided by T. Each thread has its own slot.
 */
final class TeacherLoss {
  private final Kernels kernels;
  private final Criterion criterion;
  private final int vocabulary;
  private final float[][] rows; // [slots][V]
  private final double[][] expected; // [slots][K], p

  TeacherLoss(Kernels kernels, Criterion criterion, int vocabulary, int slots) {
    this.kernels = kernels;
    this.criterion = criterion;
    this.vocabulary = vocabulary;
    rows = new float[slots][vocabulary];
    expected = new double[slots][];
  }

  /**
   * The loss of a row, T²·KL. Keeps the gradient of {@code scale·share} times it for {@link
   * #addGradient}.
   *
   * @param logits of the student, which stay as they are
   */
  double loss(Taught teacher, int row, float[] logits, int at, float scale, int slot) {
    double t = criterion.temperature();
    int k = teacher.count();
    double[] p = p(teacher, row, slot);
    float[] q = rows[slot];
    System.arraycopy(logits, at, q, 0, vocabulary);
    double logSum = kernels.attention().softmax(vocabulary, vocabulary, (float) (1 / t), q, 0);
    double loss = 0;
    for (int i = 0; i < k; i++) {
      if (p[i] > 0) {
        double logQ = logits[at + teacher.tokens()[row * k + i]] / t - logSum;
        loss += p[i] * (StrictMath.log(p[i]) - logQ);
      }
    }
    float slope = (float) (scale * criterion.share() * t);
    kernels.elementwise().scale(vocabulary, slope, q, 0);
    for (int i = 0; i < k; i++) {
      q[teacher.tokens()[row * k + i]] -= (float) (slope * p[i]);
    }
    return t * t * loss;
  }

  private double[] p(Taught teacher, int row, int slot) {
    int k = teacher.count();
    if (expected[slot] == null || expected[slot].length != k) {
      expected[slot] = new double[k];
    }
    double[] p = expected[slot];
    double t = criterion.temperature();
    double max = teacher.logProbabilities()[row * k]; // the likeliest comes first
    double sum = 0;
    for (int i = 0; i < k; i++) {
      p[i] = StrictMath.exp((teacher.logProbabilities()[row * k + i] - max) / t);
      sum += p[i];
    }
    for (int i = 0; i < k; i++) {
      p[i] /= sum;
    }
    return p;
  }

  /** Adds the gradient that {@link #loss} kept. */
  void addGradient(float[] gradient, int at, int slot) {
    kernels.elementwise().add(vocabulary, rows[slot], 0, gradient, at);
  }
}
