package io.fundamentallm.runtime.gpu;

import io.fundamentallm.runtime.gpu.TinyDecoder.Block;
import io.fundamentallm.runtime.gpu.TinyDecoder.Linear;
import io.fundamentallm.runtime.gpu.TinyDecoder.Norm;

/** The forward pass of a {@link TinyDecoder} as its papers write it: in double, without a cache. */
final class TinyDecoderReference {
  private final TinyDecoder decoder;

  TinyDecoderReference(TinyDecoder decoder) {
    this.decoder = decoder;
  }

  /** Logits [T][V]. */
  double[][] logits(int... tokens) {
    int c = decoder.channels();
    double[][] x = new double[tokens.length][c];
    for (int t = 0; t < tokens.length; t++) {
      for (int i = 0; i < c; i++) {
        x[t][i] =
            decoder.tokenEmbedding()[tokens[t] * c + i] + decoder.positionEmbedding()[t * c + i];
      }
    }
    for (Block block : decoder.blocks()) {
      x = add(x, attention(norm(x, block.norm1()), block));
      double[][] up = linear(norm(x, block.norm2()), block.up());
      for (double[] row : up) {
        for (int i = 0; i < row.length; i++) {
          double v = row[i];
          row[i] = 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        }
      }
      x = add(x, linear(up, block.down()));
    }
    x = norm(x, decoder.lastNorm());
    double[][] logits = new double[tokens.length][decoder.vocabulary()];
    for (int t = 0; t < tokens.length; t++) {
      for (int v = 0; v < decoder.vocabulary(); v++) {
        for (int i = 0; i < c; i++) {
          logits[t][v] += x[t][i] * decoder.tokenEmbedding()[v * c + i];
        }
      }
    }
    return logits;
  }

  private double[][] attention(double[][] x, Block block) {
    double[][] query = linear(x, block.query());
    double[][] key = linear(x, block.key());
    double[][] value = linear(x, block.value());
    int size = decoder.channels() / decoder.heads();
    double[][] mixed = new double[x.length][decoder.channels()];
    for (int from = 0; from < decoder.channels(); from += size) {
      for (int t = 0; t < x.length; t++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = from; i < from + size; i++) {
            score += query[t][i] * key[s][i];
          }
          weights[s] = Math.exp(score / Math.sqrt(size));
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = from; i < from + size; i++) {
            mixed[t][i] += weights[s] / sum * value[s][i];
          }
        }
      }
    }
    return linear(mixed, block.out());
  }

  private static double[][] linear(double[][] x, Linear linear) {
    int out = linear.bias().length;
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        double sum = linear.bias()[o];
        for (int i = 0; i < x[t].length; i++) {
          sum += x[t][i] * linear.weight()[i * out + o];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }

  private static double[][] norm(double[][] x, Norm norm) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double v : x[t]) {
        mean += v / x[t].length;
      }
      double variance = 0;
      for (double v : x[t]) {
        variance += (v - mean) * (v - mean) / x[t].length;
      }
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] = (x[t][i] - mean) / Math.sqrt(variance + 1e-5) * norm.scale()[i] + norm.bias()[i];
      }
    }
    return y;
  }

  private static double[][] add(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int i = 0; i < a[t].length; i++) {
        sum[t][i] = a[t][i] + b[t][i];
      }
    }
    return sum;
  }
}
