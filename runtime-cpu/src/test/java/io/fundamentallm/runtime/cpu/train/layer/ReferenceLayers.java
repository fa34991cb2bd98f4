package io.fundamentallm.runtime.cpu.train.layer;

import java.util.function.IntUnaryOperator;

/**
 * The layers of GPT-2 and Llama in double precision, as plainly as they can be written: one row,
 * one element at a time. Each forward stands beside its backward, which adds to the gradients it is
 * given.
 */
public final class ReferenceLayers {

  private ReferenceLayers() {}

  /** y [rows][O] = x [rows][I]·W [I][O] + b [O]. */
  public static double[] linear(
      int rows, int inputs, int outputs, double[] x, double[] w, double[] b) {
    double[] y = new double[rows * outputs];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(b, 0, y, r * outputs, outputs);
      for (int i = 0; i < inputs; i++) {
        for (int o = 0; o < outputs; o++) {
          y[r * outputs + o] += x[r * inputs + i] * w[i * outputs + o];
        }
      }
    }
    return y;
  }

  public static void linearBackward(
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
        db[o] += dy[r * outputs + o];
      }
      for (int i = 0; i < inputs; i++) {
        double sum = 0;
        for (int o = 0; o < outputs; o++) {
          dw[i * outputs + o] += x[r * inputs + i] * dy[r * outputs + o];
          sum += w[i * outputs + o] * dy[r * outputs + o];
        }
        dx[r * inputs + i] += sum;
      }
    }
  }

  /** Layer normalisation of each row of x [rows][C]. */
  public static double[] norm(
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

  public static void normBackward(
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

  public static double[] gelu(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double v = x[i];
      y[i] = 0.5 * v * (1 + Math.tanh(ROOT * (v + 0.044715 * v * v * v)));
    }
    return y;
  }

  public static void geluBackward(double[] x, double[] dy, double[] dx) {
    for (int i = 0; i < x.length; i++) {
      double v = x[i];
      double tanh = Math.tanh(ROOT * (v + 0.044715 * v * v * v));
      double slope = ROOT * (1 + 3 * 0.044715 * v * v);
      dx[i] += dy[i] * (0.5 * (1 + tanh) + 0.5 * v * (1 - tanh * tanh) * slope);
    }
  }

  /** RMS normalisation of each row of x [rows][C]. */
  public static double[] rmsNorm(
      int rows, int channels, double epsilon, double[] x, double[] gamma) {
    double[] y = new double[rows * channels];
    for (int r = 0; r < rows; r++) {
      double scale = rms(channels, epsilon, x, r * channels);
      for (int c = 0; c < channels; c++) {
        y[r * channels + c] = x[r * channels + c] * scale * gamma[c];
      }
    }
    return y;
  }

  public static void rmsNormBackward(
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
  public static double[] swiglu(int rows, int inner, double[] x) {
    double[] y = new double[rows * inner];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < inner; i++) {
        double gate = x[2 * r * inner + i];
        y[r * inner + i] = gate / (1 + Math.exp(-gate)) * x[(2 * r + 1) * inner + i];
      }
    }
    return y;
  }

  public static void swigluBackward(int rows, int inner, double[] x, double[] dy, double[] dx) {
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
  public static double[] turned(
      IntUnaryOperator position,
      int heads,
      int size,
      int wide,
      double theta,
      boolean back,
      double[] x) {
    double[] y = x.clone();
    for (int r = 0; r < x.length / wide; r++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < size / 2; i++) {
          double angle =
              (back ? -1 : 1) * position.applyAsInt(r) * Math.pow(theta, -2.0 * i / size);
          int a = r * wide + h * size + i;
          int b = a + size / 2;
          y[a] = x[a] * Math.cos(angle) - x[b] * Math.sin(angle);
          y[b] = x[b] * Math.cos(angle) + x[a] * Math.sin(angle);
        }
      }
    }
    return y;
  }
}
