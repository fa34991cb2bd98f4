package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.layer.Dropout.Place;
import io.fundamentallm.runtime.cpu.train.layer.ReferenceAttention;
import io.fundamentallm.runtime.cpu.train.layer.ReferenceLayers;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Map;
import java.util.TreeMap;

/** The whole of GPT-2 and of Llama in double precision, tensors by name, forward and backward. */
public final class ReferenceTransformer {

  private final TrainableConfig config;
  private final Map<String, double[]> parameters = new TreeMap<>();
  private final Map<String, double[]> gradients = new TreeMap<>();
  private ReferenceSwitches switches = ReferenceSwitches.NONE;

  /** A model with the values of a flat array of {@link ParameterLayout}. */
  public ReferenceTransformer(TrainableConfig config, float[] flat) {
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

  /** The same with these switches from now on. */
  public ReferenceTransformer with(ReferenceSwitches those) {
    switches = those;
    return this;
  }

  /** The values of a tensor, not a copy. */
  public double[] parameter(String name) {
    return parameters.get(name);
  }

  /** The gradient of a tensor after {@link #backward}, not a copy. */
  public double[] gradient(String name) {
    return gradients.get(name);
  }

  private boolean llama() {
    return config.shape().norms().rms();
  }

  private double[] p(String name) {
    return parameters.get(name);
  }

  /** What a block keeps from forward to backward. */
  private static final class Kept {
    double[] x;
    double[] normed1;
    double[] qkv; // turned, where positions are rotary
    double[] attended;
    double[] middle;
    double[] normed2;
    double[] hidden;
    double[] activated;
  }

  private int upSize() {
    return llama() ? 2 * config.innerSize() : config.innerSize();
  }

  private double[] embed(int[] inputs, int steps) {
    int c = config.hiddenSize();
    double[] x = new double[inputs.length * c];
    for (int r = 0; r < inputs.length; r++) {
      for (int i = 0; i < c; i++) {
        x[r * c + i] = p(embedding())[inputs[r] * c + i];
        if (!llama()) {
          x[r * c + i] += p("wpe.weight")[position(r, steps) * c + i];
        }
      }
    }
    return switches.masked(Place.EMBEDDINGS, 0, c, x);
  }

  private int position(int row, int steps) {
    return row % steps - switches.begin(row);
  }

  private String embedding() {
    return llama() ? "model.embed_tokens.weight" : "wte.weight";
  }

  private String head() {
    return config.tied() ? embedding() : "lm_head.weight";
  }

  private String finalNorm() {
    return llama() ? "model.norm" : "ln_f";
  }

  /** The names of a block: norms, then linear layers, those of one product joined by a space. */
  private String name(int layer, String gpt2, String llama) {
    StringBuilder names = new StringBuilder();
    String before = llama() ? "model.layers." + layer + "." : "h." + layer + ".";
    for (String name : (llama() ? llama : gpt2).split(" ", -1)) {
      names.append(names.length() == 0 ? "" : " ").append(before).append(name);
    }
    return names.toString();
  }

  private String norm1(int layer) {
    return name(layer, "ln_1", "input_layernorm");
  }

  private String norm2(int layer) {
    return name(layer, "ln_2", "post_attention_layernorm");
  }

  private String queryKeyValue(int layer) {
    return name(layer, "attn.c_attn", "self_attn.q_proj self_attn.k_proj self_attn.v_proj");
  }

  private String attentionOut(int layer) {
    return name(layer, "attn.c_proj", "self_attn.o_proj");
  }

  private String up(int layer) {
    return name(layer, "mlp.c_fc", "mlp.gate_proj mlp.up_proj");
  }

  private String down(int layer) {
    return name(layer, "mlp.c_proj", "mlp.down_proj");
  }

  private ReferenceAttention.Setting attention(int layer, int steps) {
    ReferenceAttention.Heads heads =
        new ReferenceAttention.Heads(config.heads(), config.keyValueHeads(), config.headSize());
    return new ReferenceAttention.Setting(steps, heads, switches, layer);
  }

  private double[] turned(int steps, boolean back, double[] qkv) {
    return llama()
        ? ReferenceLayers.turned(
            row -> position(row, steps),
            config.heads() + config.keyValueHeads(),
            config.headSize(),
            config.queryKeyValueSize(),
            TrainableConfig.DEFAULT_THETA,
            back,
            qkv)
        : qkv;
  }

  private double[] norm(int rows, double[] x, String name) {
    int c = config.hiddenSize();
    double epsilon = config.normEpsilon();
    return llama()
        ? ReferenceLayers.rmsNorm(rows, c, epsilon, x, p(name + ".weight"))
        : ReferenceLayers.norm(rows, c, epsilon, x, p(name + ".weight"), p(name + ".bias"));
  }

  private double[] linear(int rows, int inputs, int outputs, double[] x, String names) {
    double[] bias = llama() ? new double[outputs] : p(names + ".bias");
    return ReferenceLayers.linear(rows, inputs, outputs, x, weight(names, inputs, outputs), bias);
  }

  /** The weight [in][out] of a linear layer; Llama's tensors are [out][in]. */
  private double[] weight(String names, int inputs, int outputs) {
    if (!llama()) {
      return p(names + ".weight");
    }
    double[] all = new double[outputs * inputs];
    int at = 0;
    for (String name : names.split(" ", -1)) {
      double[] part = p(name + ".weight");
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return transposed(all, outputs, inputs);
  }

  private double[] block(int layer, int batch, int steps, double[] x, Kept kept) {
    int rows = batch * steps;
    int c = config.hiddenSize();
    int inner = config.innerSize();
    kept.x = x;
    kept.normed1 = norm(rows, x, norm1(layer));
    double[] qkv = linear(rows, c, config.queryKeyValueSize(), kept.normed1, queryKeyValue(layer));
    kept.qkv = turned(steps, false, qkv);
    kept.attended = ReferenceAttention.forward(attention(layer, steps), kept.qkv);
    double[] added = linear(rows, c, c, kept.attended, attentionOut(layer));
    kept.middle = plus(x, switches.masked(Place.ATTENTION, layer, c, added));
    kept.normed2 = norm(rows, kept.middle, norm2(layer));
    kept.hidden = linear(rows, c, upSize(), kept.normed2, up(layer));
    kept.activated =
        llama()
            ? ReferenceLayers.swiglu(rows, inner, kept.hidden)
            : ReferenceLayers.gelu(kept.hidden);
    added = linear(rows, inner, c, kept.activated, down(layer));
    return plus(kept.middle, switches.masked(Place.FEED_FORWARD, layer, c, added));
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
    int v = config.vocabularySize();
    double[] normed = norm(inputs.length, x, finalNorm());
    return ReferenceLayers.linear(
        inputs.length, c, v, normed, transposed(p(head()), v, c), new double[v]);
  }

  /** The mean of the objective, in nats. */
  public double loss(int[] inputs, int[] targets, int batch, int steps, int ignore) {
    double[] logits = logits(inputs, batch, steps);
    return ReferenceLoss.forward(config.vocabularySize(), logits, targets, ignore, switches);
  }

  /** Fills the gradients of the mean of the objective, and returns that. */
  public double backward(int[] inputs, int[] targets, int batch, int steps, int ignore) {
    int rows = inputs.length;
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    Kept[] kept = new Kept[config.layers()];
    double[][] last = new double[1][];
    double[] logits = logits(inputs, batch, steps, kept, last);
    gradients.replaceAll((name, g) -> new double[g.length]);
    double[] dlogits = new double[rows * v];
    ReferenceLoss.backward(v, logits, targets, ignore, switches, dlogits);

    double[] normed = norm(rows, last[0], finalNorm());
    double[] head = transposed(p(head()), v, c);
    double[] dhead = new double[c * v];
    double[] dnormed = new double[rows * c];
    ReferenceLayers.linearBackward(
        rows, c, v, normed, head, dlogits, dnormed, dhead, new double[v]);
    gradients.put(head(), transposed(dhead, c, v));
    double[] dx = new double[rows * c];
    normBackward(finalNorm(), rows, last[0], dnormed, dx);
    for (int i = config.layers() - 1; i >= 0; i--) {
      dx = blockBackward(i, batch, steps, kept[i], dx);
    }
    dx = switches.masked(Place.EMBEDDINGS, 0, c, dx);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < c; i++) {
        gradient(embedding())[inputs[r] * c + i] += dx[r * c + i];
        if (!llama()) {
          gradient("wpe.weight")[position(r, steps) * c + i] += dx[r * c + i];
        }
      }
    }
    return ReferenceLoss.forward(v, logits, targets, ignore, switches);
  }

  private double[] blockBackward(int layer, int batch, int steps, Kept kept, double[] dy) {
    int rows = batch * steps;
    int c = config.hiddenSize();
    int inner = config.innerSize();
    int wide = upSize();
    double[] dactivated = new double[rows * inner];
    double[] dadded = switches.masked(Place.FEED_FORWARD, layer, c, dy);
    linearBackward(down(layer), rows, inner, c, kept.activated, dadded, dactivated);
    double[] dhidden = new double[rows * wide];
    if (llama()) {
      ReferenceLayers.swigluBackward(rows, inner, kept.hidden, dactivated, dhidden);
    } else {
      ReferenceLayers.geluBackward(kept.hidden, dactivated, dhidden);
    }
    double[] dnormed2 = new double[rows * c];
    linearBackward(up(layer), rows, c, wide, kept.normed2, dhidden, dnormed2);
    double[] dmiddle = dy.clone();
    normBackward(norm2(layer), rows, kept.middle, dnormed2, dmiddle);
    double[] dattended = new double[rows * c];
    dadded = switches.masked(Place.ATTENTION, layer, c, dmiddle);
    linearBackward(attentionOut(layer), rows, c, c, kept.attended, dadded, dattended);
    double[] dqkv = new double[rows * config.queryKeyValueSize()];
    ReferenceAttention.backward(attention(layer, steps), kept.qkv, dattended, dqkv);
    dqkv = turned(steps, true, dqkv);
    double[] dnormed1 = new double[rows * c];
    linearBackward(
        queryKeyValue(layer), rows, c, config.queryKeyValueSize(), kept.normed1, dqkv, dnormed1);
    double[] dx = dmiddle.clone();
    normBackward(norm1(layer), rows, kept.x, dnormed1, dx);
    return dx;
  }

  private void linearBackward(
      String names, int rows, int inputs, int outputs, double[] x, double[] dy, double[] dx) {
    double[] w = weight(names, inputs, outputs);
    if (!llama()) {
      ReferenceLayers.linearBackward(
          rows,
          inputs,
          outputs,
          x,
          w,
          dy,
          dx,
          gradient(names + ".weight"),
          gradient(names + ".bias"));
      return;
    }
    double[] dw = new double[w.length];
    ReferenceLayers.linearBackward(rows, inputs, outputs, x, w, dy, dx, dw, new double[outputs]);
    double[] all = transposed(dw, inputs, outputs);
    int at = 0;
    for (String name : names.split(" ", -1)) {
      double[] part = gradient(name + ".weight");
      for (int i = 0; i < part.length; i++) {
        part[i] += all[at++];
      }
    }
  }

  private void normBackward(String name, int rows, double[] x, double[] dy, double[] dx) {
    int c = config.hiddenSize();
    double epsilon = config.normEpsilon();
    double[] gamma = p(name + ".weight");
    double[] dgamma = gradient(name + ".weight");
    if (llama()) {
      ReferenceLayers.rmsNormBackward(rows, c, epsilon, x, gamma, dy, dx, dgamma);
    } else {
      ReferenceLayers.normBackward(
          rows, c, epsilon, x, gamma, dy, dx, dgamma, gradient(name + ".bias"));
    }
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
