package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.PlainLayers.activation;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.times;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** MixtralSparseMoeBlock, Qwen2MoeSparseMoeBlock and Qwen3MoeSparseMoeBlock, token by token. */
final class Experts {
  private Experts() {}

  static boolean has(HuggingFaceModel m) {
    return count(m) > 0;
  }

  /** Qwen2MoeDecoderLayer and Qwen3MoeDecoderLayer have both kinds. */
  static boolean in(HuggingFaceModel m, int layer) {
    boolean dense =
        m.config().get("mlp_only_layers") instanceof List<?> list && list.contains(layer);
    return has(m) && !dense && (layer + 1) % m.size("decoder_sparse_step", 1) == 0;
  }

  static int count(HuggingFaceModel m) {
    return m.size("num_local_experts", m.size("num_experts", 0));
  }

  static double[][] mixed(HuggingFaceModel m, String h, double[][] x) {
    boolean mixtral = m.text("model_type", "none").equals("mixtral");
    if (m.text("model_type", "none").equals("gpt_oss")) {
      return gptOss(m, h + "mlp.", x);
    }
    String block = h + (mixtral ? "block_sparse_moe." : "mlp.");
    double[][] y = new double[x.length][x[0].length];
    double[][] logits = linear(m, block + "gate", x);
    for (int t = 0; t < x.length; t++) {
      double[] p = softmax(logits[t]);
      List<Integer> chosen =
          IntStream.range(0, p.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer e) -> -p[e]))
              .limit(m.size("num_experts_per_tok"))
              .toList();
      double sum = chosen.stream().mapToDouble(e -> p[e]).sum();
      boolean normalized = mixtral || m.flag("norm_topk_prob", false);
      double[][] row = {x[t]};
      for (int e : chosen) {
        String expert = block + "experts." + e + ".";
        double[][] out =
            mixtral
                ? gated(m, expert + "w1", expert + "w3", expert + "w2", row)
                : gated(m, expert + "gate_proj", expert + "up_proj", expert + "down_proj", row);
        add(y[t], out[0], normalized ? p[e] / sum : p[e]);
      }
      if (m.has("shared_expert_intermediate_size")) {
        String shared = block + "shared_expert.";
        double z = linear(m, block + "shared_expert_gate", row)[0][0];
        double[][] out =
            gated(m, shared + "gate_proj", shared + "up_proj", shared + "down_proj", row);
        add(y[t], out[0], 1 / (1 + Math.exp(-z)));
      }
    }
    return y;
  }

  /** GptOssTopKRouter and GptOssExperts. */
  private static double[][] gptOss(HuggingFaceModel m, String h, double[][] x) {
    int channels = x[0].length;
    int inner = m.size("intermediate_size");
    double limit = m.real("swiglu_limit", 7);
    float[] up = m.tensor(h + "experts.gate_up_proj").values(); // [experts][channels][2·inner]
    float[] upBias = m.tensor(h + "experts.gate_up_proj_bias").values();
    float[] down = m.tensor(h + "experts.down_proj").values(); // [experts][inner][channels]
    float[] downBias = m.tensor(h + "experts.down_proj_bias").values();
    double[][] logits =
        PlainLayers.linear(x, m.tensor(h + "router.weight"), m.tensor(h + "router.bias"));
    double[][] y = new double[x.length][channels];
    for (int t = 0; t < x.length; t++) {
      double[] z = logits[t];
      List<Integer> chosen =
          IntStream.range(0, z.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer e) -> -z[e]))
              .limit(m.size("num_experts_per_tok"))
              .toList();
      double[] p = softmax(chosen.stream().mapToDouble(e -> z[e]).toArray());
      for (int c = 0; c < chosen.size(); c++) {
        int e = chosen.get(c);
        double[] out = new double[channels];
        for (int o = 0; o < channels; o++) {
          out[o] = downBias[e * channels + o];
        }
        for (int i = 0; i < inner; i++) {
          double gate = upBias[(e * inner + i) * 2];
          double linear = upBias[(e * inner + i) * 2 + 1];
          for (int j = 0; j < channels; j++) {
            int at = ((e * channels + j) * inner + i) * 2;
            gate += x[t][j] * up[at];
            linear += x[t][j] * up[at + 1];
          }
          gate = Math.min(gate, limit);
          linear = Math.max(-limit, Math.min(limit, linear));
          double value = (linear + 1) * gate / (1 + Math.exp(-1.702 * gate));
          for (int o = 0; o < channels; o++) {
            out[o] += value * down[(e * inner + i) * channels + o];
          }
        }
        add(y[t], out, p[c]);
      }
    }
    return y;
  }

  private static double[][] gated(
      HuggingFaceModel m, String gate, String up, String down, double[][] x) {
    double[][] inner = times(activation("silu", linear(m, gate, x)), linear(m, up, x));
    return linear(m, down, inner);
  }

  private static double[][] linear(HuggingFaceModel m, String name, double[][] x) {
    return PlainLayers.linear(x, m.tensor(name + ".weight"), null);
  }

  private static void add(double[] y, double[] x, double weight) {
    for (int i = 0; i < y.length; i++) {
      y[i] += weight * x[i];
    }
  }

  private static double[] softmax(double[] x) {
    double largest = IntStream.range(0, x.length).mapToDouble(i -> x[i]).max().orElseThrow();
    double[] p = new double[x.length];
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      p[i] = Math.exp(x[i] - largest);
      sum += p[i];
    }
    for (int i = 0; i < x.length; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
