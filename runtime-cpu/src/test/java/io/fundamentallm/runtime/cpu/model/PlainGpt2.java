package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;

/** GPT-2's forward pass in double, written as plainly as possible and sharing no code. */
final class PlainGpt2 {
  private final TrainableConfig config;
  private final ParameterLayout layout;
  private final float[] parameters;

  PlainGpt2(TrainableConfig config, float[] parameters) {
    this.config = config;
    this.layout = new ParameterLayout(config);
    this.parameters = parameters;
  }

  /** The logits after each token. */
  double[][] logits(int[] tokens) {
    int c = config.hiddenSize();
    double[][] x = new double[tokens.length][c];
    for (int t = 0; t < tokens.length; t++) {
      for (int i = 0; i < c; i++) {
        x[t][i] = at("wte.weight", tokens[t] * c + i) + at("wpe.weight", t * c + i);
      }
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      String h = "h." + layer + ".";
      add(x, linear(attention(linear(norm(x, h + "ln_1"), h + "attn.c_attn")), h + "attn.c_proj"));
      double[][] inner = linear(norm(x, h + "ln_2"), h + "mlp.c_fc");
      for (double[] row : inner) {
        for (int i = 0; i < row.length; i++) {
          double v = row[i];
          row[i] = 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        }
      }
      add(x, linear(inner, h + "mlp.c_proj"));
    }
    x = norm(x, "ln_f");
    double[][] logits = new double[tokens.length][config.vocabularySize()];
    for (int t = 0; t < tokens.length; t++) {
      for (int v = 0; v < config.vocabularySize(); v++) {
        for (int i = 0; i < c; i++) {
          logits[t][v] += x[t][i] * at("wte.weight", v * c + i);
        }
      }
    }
    return logits;
  }

  private double at(String tensor, int index) {
    return parameters[layout.tensor(tensor).offset() + index];
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private double[][] norm(double[][] x, String name) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      int c = x[t].length;
      double mean = 0;
      for (double v : x[t]) {
        mean += v / c;
      }
      double variance = 0;
      for (double v : x[t]) {
        variance += (v - mean) * (v - mean) / c;
      }
      y[t] = new double[c];
      for (int i = 0; i < c; i++) {
        y[t][i] =
            (x[t][i] - mean) / Math.sqrt(variance + config.normEpsilon()) * at(name + ".weight", i)
                + at(name + ".bias", i);
      }
    }
    return y;
  }

  private double[][] linear(double[][] x, String name) {
    int in = layout.tensor(name + ".weight").shape().get(0);
    int out = layout.tensor(name + ".weight").shape().get(1);
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        y[t][o] = at(name + ".bias", o);
        for (int i = 0; i < in; i++) {
          y[t][o] += x[t][i] * at(name + ".weight", i * out + o);
        }
      }
    }
    return y;
  }

  private double[][] attention(double[][] qkv) {
    int c = config.hiddenSize();
    int d = config.headSize();
    double[][] out = new double[qkv.length][c];
    for (int head = 0; head < config.heads(); head++) {
      for (int t = 0; t < qkv.length; t++) {
        double[] p = new double[t + 1];
        double total = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = head * d; i < (head + 1) * d; i++) {
            score += qkv[t][i] * qkv[s][c + i];
          }
          p[s] = Math.exp(score / Math.sqrt(d));
          total += p[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = head * d; i < (head + 1) * d; i++) {
            out[t][i] += p[s] / total * qkv[s][2 * c + i];
          }
        }
      }
    }
    return out;
  }
}
