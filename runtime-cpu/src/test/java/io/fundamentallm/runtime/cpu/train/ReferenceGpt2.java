package io.fundamentallm.runtime.cpu.train;

import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.attention;
import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.attentionBackward;
import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.gelu;
import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.geluBackward;
import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.linear;
import static io.fundamentallm.runtime.cpu.train.ReferenceLayers.norm;

import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import java.util.Map;
import java.util.TreeMap;

/** The whole of GPT-2 in double precision, tensors by name, forward and backward. */
public final class ReferenceGpt2 {

  private final TrainableConfig config;
  private final Map<String, double[]> parameters = new TreeMap<>();
  private final Map<String, double[]> gradients = new TreeMap<>();

  /** A model with the values of a flat array of {@link ParameterLayout}. */
  public ReferenceGpt2(TrainableConfig config, float[] flat) {
    this.config = config;
    for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
      double[] values = new double[tensor.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = flat[tensor.offset() + i];
      }
      parameters.put(tensor.name(), values);
      gradients.put(tensor.name(), new double[values.length]);
    }
  }

  /** The values of a tensor, not a copy. */
  public double[] parameter(String name) {
    return parameters.get(name);
  }

  /** The gradient of a tensor after {@link #backward}, not a copy. */
  public double[] gradient(String name) {
    return gradients.get(name);
  }

  private double[] p(String name) {
    return parameters.get(name);
  }

  /** What a block keeps from forward to backward. */
  private static final class Kept {
    double[] x;
    double[] normed1;
    double[] qkv;
    double[] attended;
    double[] middle;
    double[] normed2;
    double[] hidden;
    double[] activated;
  }

  private double[] embed(int[] inputs, int steps) {
    int c = config.hiddenSize();
    double[] x = new double[inputs.length * c];
    for (int r = 0; r < inputs.length; r++) {
      for (int i = 0; i < c; i++) {
        x[r * c + i] = p("wte.weight")[inputs[r] * c + i] + p("wpe.weight")[r % steps * c + i];
      }
    }
    return x;
  }

  private double[] block(int layer, int batch, int steps, double[] x, Kept kept) {
    String h = "h." + layer + ".";
    int rows = batch * steps;
    int c = config.hiddenSize();
    double epsilon = config.normEpsilon();
    kept.x = x;
    kept.normed1 = norm(rows, c, epsilon, x, p(h + "ln_1.weight"), p(h + "ln_1.bias"));
    kept.qkv =
        linear(
            rows, c, 3 * c, kept.normed1, p(h + "attn.c_attn.weight"), p(h + "attn.c_attn.bias"));
    kept.attended = attention(batch, steps, c, config.heads(), kept.qkv);
    kept.middle =
        plus(
            x,
            linear(
                rows, c, c, kept.attended, p(h + "attn.c_proj.weight"), p(h + "attn.c_proj.bias")));
    kept.normed2 = norm(rows, c, epsilon, kept.middle, p(h + "ln_2.weight"), p(h + "ln_2.bias"));
    kept.hidden =
        linear(rows, c, 4 * c, kept.normed2, p(h + "mlp.c_fc.weight"), p(h + "mlp.c_fc.bias"));
    kept.activated = gelu(kept.hidden);
    return plus(
        kept.middle,
        linear(
            rows, 4 * c, c, kept.activated, p(h + "mlp.c_proj.weight"), p(h + "mlp.c_proj.bias")));
  }

  /** Logits [B·T][V]. */
  public double[] logits(int[] inputs, int batch, int steps) {
    return logits(inputs, batch, steps, new Kept[config.layers()], new double[1][]);
  }

  private double[] logits(int[] inputs, int batch, int steps, Kept[] kept, double[][] last) {
    double[] x = embed(inputs, steps);
    for (int i = 0; i < config.layers(); i++) {
      kept[i] = new Kept();
      x = block(i, batch, steps, x, kept[i]);
    }
    last[0] = x;
    int c = config.hiddenSize();
    double epsilon = config.normEpsilon();
    double[] normed = norm(inputs.length, c, epsilon, x, p("ln_f.weight"), p("ln_f.bias"));
    int v = config.vocabularySize();
    return linear(inputs.length, c, v, normed, transposed(p("wte.weight"), v, c), new double[v]);
  }

  /** Mean cross-entropy, in nats. */
  public double loss(int[] inputs, int[] targets, int batch, int steps, int ignore) {
    double[] logits = logits(inputs, batch, steps);
    return ReferenceLayers.crossEntropy(
        inputs.length, config.vocabularySize(), logits, targets, ignore);
  }

  /** Fills the gradients of the mean cross-entropy. */
  public void backward(int[] inputs, int[] targets, int batch, int steps, int ignore) {
    int rows = inputs.length;
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    double epsilon = config.normEpsilon();
    Kept[] kept = new Kept[config.layers()];
    double[][] last = new double[1][];
    double[] logits = logits(inputs, batch, steps, kept, last);
    gradients.replaceAll((name, g) -> new double[g.length]);
    double[] dlogits = new double[rows * v];
    ReferenceLayers.crossEntropyBackward(rows, v, logits, targets, ignore, dlogits);

    double[] normed = norm(rows, c, epsilon, last[0], p("ln_f.weight"), p("ln_f.bias"));
    double[] head = transposed(p("wte.weight"), v, c);
    double[] dhead = new double[c * v];
    double[] dnormed = new double[rows * c];
    ReferenceLayers.linearBackward(
        rows, c, v, normed, head, dlogits, dnormed, dhead, new double[v]);
    gradients.put("wte.weight", transposed(dhead, c, v));
    double[] dx = new double[rows * c];
    ReferenceLayers.normBackward(
        rows,
        c,
        epsilon,
        last[0],
        p("ln_f.weight"),
        dnormed,
        dx,
        gradient("ln_f.weight"),
        gradient("ln_f.bias"));
    for (int i = config.layers() - 1; i >= 0; i--) {
      dx = blockBackward(i, batch, steps, kept[i], dx);
    }
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < c; i++) {
        gradient("wte.weight")[inputs[r] * c + i] += dx[r * c + i];
        gradient("wpe.weight")[r % steps * c + i] += dx[r * c + i];
      }
    }
  }

  private double[] blockBackward(int layer, int batch, int steps, Kept kept, double[] dy) {
    String h = "h." + layer + ".";
    int rows = batch * steps;
    int c = config.hiddenSize();
    double[] dactivated = new double[rows * 4 * c];
    linearBackward(h + "mlp.c_proj", rows, 4 * c, c, kept.activated, dy, dactivated);
    double[] dhidden = new double[rows * 4 * c];
    geluBackward(kept.hidden, dactivated, dhidden);
    double[] dnormed2 = new double[rows * c];
    linearBackward(h + "mlp.c_fc", rows, c, 4 * c, kept.normed2, dhidden, dnormed2);
    double[] dmiddle = dy.clone();
    normBackward(h + "ln_2", rows, c, kept.middle, dnormed2, dmiddle);
    double[] dattended = new double[rows * c];
    linearBackward(h + "attn.c_proj", rows, c, c, kept.attended, dmiddle, dattended);
    double[] dqkv = new double[rows * 3 * c];
    attentionBackward(batch, steps, c, config.heads(), kept.qkv, dattended, dqkv);
    double[] dnormed1 = new double[rows * c];
    linearBackward(h + "attn.c_attn", rows, c, 3 * c, kept.normed1, dqkv, dnormed1);
    double[] dx = dmiddle.clone();
    normBackward(h + "ln_1", rows, c, kept.x, dnormed1, dx);
    return dx;
  }

  private void linearBackward(
      String name, int rows, int inputs, int outputs, double[] x, double[] dy, double[] dx) {
    ReferenceLayers.linearBackward(
        rows,
        inputs,
        outputs,
        x,
        p(name + ".weight"),
        dy,
        dx,
        gradient(name + ".weight"),
        gradient(name + ".bias"));
  }

  private void normBackward(String name, int rows, int c, double[] x, double[] dy, double[] dx) {
    ReferenceLayers.normBackward(
        rows,
        c,
        config.normEpsilon(),
        x,
        p(name + ".weight"),
        dy,
        dx,
        gradient(name + ".weight"),
        gradient(name + ".bias"));
  }

  private static double[] plus(double[] x, double[] y) {
    double[] sum = x.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += y[i];
    }
    return sum;
  }

  private static double[] transposed(double[] x, int rows, int columns) {
    double[] y = new double[x.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        y[c * rows + r] = x[r * columns + c];
      }
    }
    return y;
  }
}
