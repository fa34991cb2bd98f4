package io.fundamentallm.runtime.cpu.reference;

/** The layers of a transformer in double, as their definitions read; rows are tokens. */
final class PlainLayers {
  private PlainLayers() {}

  /** The rows of a table. */
  static double[][] embedding(Tensor table, int[] tokens) {
    double[][] x = new double[tokens.length][table.columns()];
    for (int t = 0; t < tokens.length; t++) {
      for (int c = 0; c < table.columns(); c++) {
        x[t][c] = table.at(tokens[t], c);
      }
    }
    return x;
  }

  /** torch.nn.Linear: y = W·x + b with W [outputs][inputs]; no bias where it is null. */
  static double[][] linear(double[][] x, Tensor weight, Tensor bias) {
    int outputs = weight.rows();
    int inputs = weight.columns();
    double[][] y = new double[x.length][outputs];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < outputs; o++) {
        double sum = bias == null ? 0 : bias.values()[o];
        for (int i = 0; i < inputs; i++) {
          sum += x[t][i] * weight.values()[o * inputs + i];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }

  /** torch.nn.LayerNorm. */
  static double[][] layerNorm(double[][] x, Tensor weight, Tensor bias, double epsilon) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      int channels = x[t].length;
      double mean = 0;
      for (double v : x[t]) {
        mean += v / channels;
      }
      double variance = 0;
      for (double v : x[t]) {
        variance += (v - mean) * (v - mean) / channels;
      }
      y[t] = new double[channels];
      for (int c = 0; c < channels; c++) {
        double normed = (x[t][c] - mean) / Math.sqrt(variance + epsilon);
        y[t][c] = normed * weight.values()[c] + bias.values()[c];
      }
    }
    return y;
  }

  /** LlamaRMSNorm, over each {@code weight.length} neighbouring channels. */
  static double[][] rmsNorm(double[][] x, Tensor weight, double epsilon) {
    int size = weight.values().length;
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = new double[x[t].length];
      for (int from = 0; from < x[t].length; from += size) {
        double meanSquare = 0;
        for (int c = 0; c < size; c++) {
          meanSquare += x[t][from + c] * x[t][from + c] / size;
        }
        for (int c = 0; c < size; c++) {
          y[t][from + c] = x[t][from + c] / Math.sqrt(meanSquare + epsilon) * weight.values()[c];
        }
      }
    }
    return y;
  }

  static double[][] scaled(double[][] x, double factor) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        y[t][c] = x[t][c] * factor;
      }
    }
    return y;
  }

  /** {@code cap·tanh(x/cap)}. */
  static double[][] capped(double[][] x, double cap) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        y[t][c] = cap * Math.tanh(x[t][c] / cap);
      }
    }
    return y;
  }

  static double[][] plus(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int c = 0; c < a[t].length; c++) {
        sum[t][c] = a[t][c] + b[t][c];
      }
    }
    return sum;
  }

  static double[][] times(double[][] a, double[][] b) {
    double[][] product = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int c = 0; c < a[t].length; c++) {
        product[t][c] = a[t][c] * b[t][c];
      }
    }
    return product;
  }

  /** Neighbouring channels of each row. */
  static double[][] slice(double[][] x, int from, int to) {
    double[][] part = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      part[t] = java.util.Arrays.copyOfRange(x[t], from, to);
    }
    return part;
  }

  /**
   * Causal attention. Head h reads the keys and values of head h / (heads / keyValueHeads).
   *
   * @param window how many positions a token sees, itself included; 0 for all before it
   */
  static double[][] attention(
      double[][] q, double[][] k, double[][] v, int heads, int keyValueHeads, int window) {
    double scale = 1 / Math.sqrt(q[0].length / heads);
    return attention(q, k, v, new Heads(heads, keyValueHeads, scale, 0, null), window);
  }

  /**
   * How attention is computed, with a score of each head for nothing unless null; scores become
   * cap·tanh(score/cap) unless the cap is 0.
   */
  record Heads(int heads, int keyValueHeads, double scale, double cap, float[] sinks) {}

  /** The same with other scores. */
  static double[][] attention(double[][] q, double[][] k, double[][] v, Heads rule, int window) {
    int heads = rule.heads;
    int keyValueHeads = rule.keyValueHeads;
    int size = q[0].length / heads;
    double[][] out = new double[q.length][heads * size];
    for (int t = 0; t < q.length; t++) {
      int first = window == 0 ? 0 : Math.max(0, t - window + 1);
      for (int h = 0; h < heads; h++) {
        int shared = h / (heads / keyValueHeads);
        double[] weights = new double[t + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < size; i++) {
            weights[s] += q[t][h * size + i] * k[s][shared * size + i];
          }
          weights[s] *= rule.scale;
          weights[s] = rule.cap == 0 ? weights[s] : rule.cap * Math.tanh(weights[s] / rule.cap);
          largest = Math.max(largest, weights[s]);
        }
        if (rule.sinks != null) {
          largest = Math.max(largest, rule.sinks[h]);
        }
        double total = rule.sinks == null ? 0 : Math.exp(rule.sinks[h] - largest);
        for (int s = first; s <= t; s++) {
          weights[s] = Math.exp(weights[s] - largest);
          total += weights[s];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < size; i++) {
            out[t][h * size + i] += weights[s] / total * v[s][shared * size + i];
          }
        }
      }
    }
    return out;
  }

  /** The activations by the names of Hugging Face's ACT2FN. */
  static double[][] activation(String name, double[][] x) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        double v = x[t][c];
        y[t][c] =
            switch (name) {
              case "gelu" -> 0.5 * v * (1 + erf(v / Math.sqrt(2)));
              case "gelu_new", "gelu_pytorch_tanh" ->
                  0.5
                      * v
                      * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * Math.pow(v, 3))));
              case "silu", "swish" -> v / (1 + Math.exp(-v));
              case "relu" -> Math.max(0, v);
              default -> throw new IllegalArgumentException(name);
            };
      }
    }
    return y;
  }

  /** Abramowitz and Stegun 7.1.6: a sum of terms of one sign, so that nothing cancels. */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x); // 1 - erf(6) is 2e-17
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
