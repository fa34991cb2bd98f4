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

  static int count(HuggingFaceModel m) {
    return m.size("num_local_experts", m.size("num_experts", 0));
  }

  static double[][] mixed(HuggingFaceModel m, String h, double[][] x) {
    boolean mixtral = m.text("model_type", "none").equals("mixtral");
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
