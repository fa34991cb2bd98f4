package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.train.ReferenceSwitches;

/** Causal attention in double precision, one weight at a time. */
public final class ReferenceAttention {

  private ReferenceAttention() {}

  /** Where the columns of queries, keys and values lie in a row. */
  public record Heads(int count, int shared, int size) {
    public int wide() {
      return (count + 2 * shared) * size;
    }

    int query(int h) {
      return h * size;
    }

    int key(int h) {
      return (count + h / (count / shared)) * size;
    }

    int value(int h) {
      return key(h) + shared * size;
    }
  }

  /** What attention is like here: the switches, and the layer for their masks. */
  public record Setting(int steps, Heads heads, ReferenceSwitches switches, int layer) {
    double mask(int h, int row, int key) {
      return switches.masks().of(Dropout.Place.PROBABILITIES, layer, h, row, key % steps);
    }
  }

  /** out [B·T][H·D] from qkv [B·T][Q]. */
  public static double[] forward(Setting setting, double[] qkv) {
    Heads heads = setting.heads();
    int size = heads.size();
    int rows = qkv.length / heads.wide();
    double[] out = new double[rows * heads.count() * size];
    for (int row = 0; row < rows; row++) {
      int first = row - row % setting.steps();
      for (int h = 0; h < heads.count(); h++) {
        double[] p = probabilities(setting, qkv, row, h);
        for (int key = first; key <= row; key++) {
          double weight = p[key - first] * setting.mask(h, row, key);
          for (int i = 0; i < size; i++) {
            out[(row * heads.count() + h) * size + i] +=
                weight * qkv[key * heads.wide() + heads.value(h) + i];
          }
        }
      }
    }
    return out;
  }

  public static void backward(Setting setting, double[] qkv, double[] dout, double[] dqkv) {
    Heads heads = setting.heads();
    int size = heads.size();
    for (int row = 0; row < qkv.length / heads.wide(); row++) {
      int first = row - row % setting.steps();
      for (int h = 0; h < heads.count(); h++) {
        double[] p = probabilities(setting, qkv, row, h);
        double[] dp = new double[p.length];
        double sum = 0;
        int o = (row * heads.count() + h) * size;
        int q = row * heads.wide() + heads.query(h);
        for (int s = 0; s < p.length; s++) {
          int v = (first + s) * heads.wide() + heads.value(h);
          double mask = setting.mask(h, row, first + s);
          for (int i = 0; i < size; i++) {
            dp[s] += mask * dout[o + i] * qkv[v + i];
            dqkv[v + i] += mask * p[s] * dout[o + i];
          }
          sum += p[s] * dp[s];
        }
        for (int s = 0; s < p.length; s++) {
          int k = (first + s) * heads.wide() + heads.key(h);
          double score = p[s] * (dp[s] - sum) / Math.sqrt(size);
          for (int i = 0; i < size; i++) {
            dqkv[q + i] += score * qkv[k + i];
            dqkv[k + i] += score * qkv[q + i];
          }
        }
      }
    }
  }

  /** Of all positions of the window up to the row's own. */
  private static double[] probabilities(Setting setting, double[] qkv, int row, int h) {
    Heads heads = setting.heads();
    int first = row - row % setting.steps();
    double[] p = new double[row - first + 1];
    double sum = 0;
    int q = row * heads.wide() + heads.query(h);
    for (int s = 0; s < p.length; s++) {
      if (setting.switches().sees(row, first + s, setting.steps())) {
        int k = (first + s) * heads.wide() + heads.key(h);
        double score = 0;
        for (int i = 0; i < heads.size(); i++) {
          score += qkv[q + i] * qkv[k + i];
        }
        p[s] = Math.exp(score / Math.sqrt(heads.size()));
        sum += p[s];
      }
    }
    for (int s = 0; s < p.length; s++) {
      p[s] /= sum;
    }
    return p;
  }
}
