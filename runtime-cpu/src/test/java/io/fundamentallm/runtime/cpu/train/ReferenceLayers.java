package io.fundamentallm.runtime.cpu.train;

/**
 * The layers of GPT-2 and Llama in double precision, as plainly as they can be written: one row,
 * one element at a time. Each forward stands beside its backward, which adds to the gradients it is
 * given.
 */
final class ReferenceLayers {

  private ReferenceLayers() {}

  /** y [rows][O] = x [rows][I]·W [I][O] + b [O]. */
  static double[] linear(int rows, int inputs, int outputs, double[] x, double[] w, double[] b) {
    double[] y = new double[rows * outputs];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < outputs; o++) {
        double sum = b[o];
        for (int i = 0; i < inputs; i++) {
          sum += x[r * inputs + i] * w[i * outputs + o];
        }
        y[r * outputs + o] = sum;
      }
    }
    return y;
  }

  static void linearBackward(
      int rows,
      int inputs,
      int outputs,
      double[] x,
      double[] w,
      double[] dy,
      double[] dx,
      double[] dw,
      double[] db) {
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < outputs; o++) {
        double d = dy[r * outputs + o];
        db[o] += d;
        for (int i = 0; i < inputs; i++) {
          dw[i * outputs + o] += x[r * inputs + i] * d;
          dx[r * inputs + i] += w[i * outputs + o] * d;
        }
      }
    }
  }

  /** Layer normalisation of each row of x [rows][C]. */
  static double[] norm(
      int rows, int channels, double epsilon, double[] x, double[] gamma, double[] beta) {
    double[] y = new double[rows * channels];
    for (int r = 0; r < rows; r++) {
      double[] normalised = normalised(channels, epsilon, x, r * channels);
      for (int c = 0; c < channels; c++) {
        y[r * channels + c] = normalised[c] * gamma[c] + beta[c];
      }
    }
    return y;
  }

  static void normBackward(
      int rows,
      int channels,
      double epsilon,
      double[] x,
      double[] gamma,
      double[] dy,
      double[] dx,
      double[] dgamma,
      double[] dbeta) {
    for (int r = 0; r < rows; r++) {
      int at = r * channels;
      double[] normalised = normalised(channels, epsilon, x, at);
      double scale = 1 / Math.sqrt(variance(channels, x, at) + epsilon);
      double mean = 0;
      double meanNormalised = 0;
      for (int c = 0; c < channels; c++) {
        dgamma[c] += dy[at + c] * normalised[c];
        dbeta[c] += dy[at + c];
        mean += dy[at + c] * gamma[c] / channels;
        meanNormalised += dy[at + c] * gamma[c] * normalised[c] / channels;
      }
      for (int c = 0; c < channels; c++) {
        dx[at + c] += scale * (dy[at + c] * gamma[c] - mean - normalised[c] * meanNormalised);
      }
    }
  }

  private static double mean(int channels, double[] x, int at) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += x[at + c];
    }
    return sum / channels;
  }

  private static double variance(int channels, double[] x, int at) {
    double mean = mean(channels, x, at);
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += (x[at + c] - mean) * (x[at + c] - mean);
    }
    return sum / channels;
  }

  private static double[] normalised(int channels, double epsilon, double[] x, int at) {
    double mean = mean(channels, x, at);
    double scale = 1 / Math.sqrt(variance(channels, x, at) + epsilon);
    double[] y = new double[channels];
    for (int c = 0; c < channels; c++) {
      y[c] = (x[at + c] - mean) * scale;
    }
    return y;
  }

  private static final double ROOT = Math.sqrt(2 / Math.PI);

  static double[] gelu(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double v = x[i];
      y[i] = 0.5 * v * (1 + Math.tanh(ROOT * (v + 0.044715 * v * v * v)));
    }
    return y;
  }

  static void geluBackward(double[] x, double[] dy, double[] dx) {
    for (int i = 0; i < x.length; i++) {
      double v = x[i];
      double tanh = Math.tanh(ROOT * (v + 0.044715 * v * v * v));
      double slope = ROOT * (1 + 3 * 0.044715 * v * v);
      dx[i] += dy[i] * (0.5 * (1 + tanh) + 0.5 * v * (1 - tanh * tanh) * slope);
    }
  }

  /** RMS normalisation of each row of x [rows][C]. */
  static double[] rmsNorm(int rows, int channels, double epsilon, double[] x, double[] gamma) {
    double[] y = new double[rows * channels];
    for (int r = 0; r < rows; r++) {
      double scale = rms(channels, epsilon, x, r * channels);
      for (int c = 0; c < channels; c++) {
        y[r * channels + c] = x[r * channels + c] * scale * gamma[c];
      }
    }
    return y;
  }

  static void rmsNormBackward(
      int rows,
      int channels,
      double epsilon,
      double[] x,
      double[] gamma,
      double[] dy,
      double[] dx,
      double[] dgamma) {
    for (int r = 0; r < rows; r++) {
      int at = r * channels;
      double scale = rms(channels, epsilon, x, at);
      double mean = 0;
      for (int c = 0; c < channels; c++) {
        dgamma[c] += dy[at + c] * x[at + c] * scale;
        mean += dy[at + c] * gamma[c] * x[at + c] * scale / channels;
      }
      for (int c = 0; c < channels; c++) {
        dx[at + c] += scale * (dy[at + c] * gamma[c] - x[at + c] * scale * mean);
      }
    }
  }

  private static double rms(int channels, double epsilon, double[] x, int at) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += x[at + c] * x[at + c];
    }
    return 1 / Math.sqrt(sum / channels + epsilon);
  }

  /** y [rows][I] from x [rows][gate [I], up [I]]. */
  static double[] swiglu(int rows, int inner, double[] x) {
    double[] y = new double[rows * inner];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < inner; i++) {
        double gate = x[2 * r * inner + i];
        y[r * inner + i] = gate / (1 + Math.exp(-gate)) * x[(2 * r + 1) * inner + i];
      }
    }
    return y;
  }

  static void swigluBackward(int rows, int inner, double[] x, double[] dy, double[] dx) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < inner; i++) {
        int gateAt = 2 * r * inner + i;
        int upAt = gateAt + inner;
        double sigmoid = 1 / (1 + Math.exp(-x[gateAt]));
        double d = dy[r * inner + i];
        dx[gateAt] += d * x[upAt] * sigmoid * (1 + x[gateAt] * (1 - sigmoid));
        dx[upAt] += d * x[gateAt] * sigmoid;
      }
    }
  }

  /**
   * Turns the first heads of each row of x [B·T][wide] by the angles of its position, one way or
   * back; a copy.
   */
  static double[] turned(
      int steps, int heads, int size, int wide, double theta, boolean back, double[] x) {
    double[] y = x.clone();
    for (int r = 0; r < x.length / wide; r++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < size / 2; i++) {
          double angle = (back ? -1 : 1) * (r % steps) * Math.pow(theta, -2.0 * i / size);
          int a = r * wide + h * size + i;
          int b = a + size / 2;
          y[a] = x[a] * Math.cos(angle) - x[b] * Math.sin(angle);
          y[b] = x[b] * Math.cos(angle) + x[a] * Math.sin(angle);
        }
      }
    }
    return y;
  }

  /** Where the columns of queries, keys and values lie in a row. */
  record Heads(int count, int shared, int size) {
    int wide() {
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

  /** Causal attention: out [B·T][H·D] from qkv [B·T][Q]. */
  static double[] attention(int batch, int steps, Heads heads, double[] qkv) {
    int size = heads.size();
    int narrow = heads.count() * size;
    double[] out = new double[batch * steps * narrow];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads.count(); h++) {
        for (int t = 0; t < steps; t++) {
          double[] p = probabilities(steps, heads, qkv, b, h, t);
          for (int s = 0; s <= t; s++) {
            for (int i = 0; i < size; i++) {
              int v = (b * steps + s) * heads.wide() + heads.value(h) + i;
              out[(b * steps + t) * narrow + h * size + i] += p[s] * qkv[v];
            }
          }
        }
      }
    }
    return out;
  }

  static void attentionBackward(
      int batch, int steps, Heads heads, double[] qkv, double[] dout, double[] dqkv) {
    int size = heads.size();
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads.count(); h++) {
        for (int t = 0; t < steps; t++) {
          double[] p = probabilities(steps, heads, qkv, b, h, t);
          double[] dp = new double[t + 1];
          double sum = 0;
          int o = (b * steps + t) * heads.count() * size + h * size;
          int q = (b * steps + t) * heads.wide() + heads.query(h);
          for (int s = 0; s <= t; s++) {
            int v = (b * steps + s) * heads.wide() + heads.value(h);
            for (int i = 0; i < size; i++) {
              dp[s] += dout[o + i] * qkv[v + i];
              dqkv[v + i] += p[s] * dout[o + i];
            }
            sum += p[s] * dp[s];
          }
          for (int s = 0; s <= t; s++) {
            int k = (b * steps + s) * heads.wide() + heads.key(h);
            double score = p[s] * (dp[s] - sum) / Math.sqrt(size);
            for (int i = 0; i < size; i++) {
              dqkv[q + i] += score * qkv[k + i];
              dqkv[k + i] += score * qkv[q + i];
            }
          }
        }
      }
    }
  }

  private static double[] probabilities(int steps, Heads heads, double[] qkv, int b, int h, int t) {
    double[] p = new double[t + 1];
    double sum = 0;
    int q = (b * steps + t) * heads.wide() + heads.query(h);
    for (int s = 0; s <= t; s++) {
      int k = (b * steps + s) * heads.wide() + heads.key(h);
      double score = 0;
      for (int i = 0; i < heads.size(); i++) {
        score += qkv[q + i] * qkv[k + i];
      }
      p[s] = Math.exp(score / Math.sqrt(heads.size()));
      sum += p[s];
    }
    for (int s = 0; s <= t; s++) {
      p[s] /= sum;
    }
    return p;
  }

  /** Mean cross-entropy of logits [rows][V] over the targets that are not ignored. */
  static double crossEntropy(int rows, int vocabulary, double[] logits, int[] targets, int ignore) {
    double sum = 0;
    int count = 0;
    for (int r = 0; r < rows; r++) {
      if (targets[r] != ignore) {
        double all = 0;
        for (int v = 0; v < vocabulary; v++) {
          all += Math.exp(logits[r * vocabulary + v]);
        }
        sum += Math.log(all) - logits[r * vocabulary + targets[r]];
        count++;
      }
    }
    return sum / count;
  }

  static void crossEntropyBackward(
      int rows, int vocabulary, double[] logits, int[] targets, int ignore, double[] dlogits) {
    int count = 0;
    for (int target : targets) {
      count += target == ignore ? 0 : 1;
    }
    for (int r = 0; r < rows; r++) {
      if (targets[r] != ignore) {
        double all = 0;
        for (int v = 0; v < vocabulary; v++) {
          all += Math.exp(logits[r * vocabulary + v]);
        }
        for (int v = 0; v < vocabulary; v++) {
          double p = Math.exp(logits[r * vocabulary + v]) / all;
          dlogits[r * vocabulary + v] += (p - (v == targets[r] ? 1 : 0)) / count;
        }
      }
    }
  }
}
