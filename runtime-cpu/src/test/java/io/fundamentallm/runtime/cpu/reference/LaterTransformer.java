package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.PlainLayers.activation;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.attention;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.capped;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.embedding;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.plus;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.scaled;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.slice;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.times;

import java.util.List;

/**
 * One forward pass for the families that came after Llama, with what the modeling files of
 * transformers say of each: modeling_gemma2.py, _gemma3.py, _gpt_oss.py, _granite.py, _mixtral.py,
 * _olmo2.py, _phi3.py, _qwen2_moe.py, _qwen3_moe.py, _smollm3.py, _starcoder2.py.
 */
final class LaterTransformer {
  private final HuggingFaceModel m;
  private final String type;
  private final double epsilon;
  private final int heads;
  private final int keyValueHeads;
  private final int headSize;
  private final PlainRotary rotary;
  private final PlainRotary local;

  private LaterTransformer(HuggingFaceModel m) {
    this.m = m;
    type = m.text("model_type", "none");
    epsilon = m.real(type.equals("starcoder2") ? "norm_epsilon" : "rms_norm_eps", 1e-6);
    heads = m.size("num_attention_heads");
    keyValueHeads = m.size("num_key_value_heads", heads);
    headSize = m.size("head_dim", m.size("hidden_size") / heads);
    rotary = new PlainRotary(m, headSize, "rope_theta", "partial_rotary_factor");
    local = new PlainRotary(headSize, m.real("rope_local_base_freq", 10_000));
  }

  static ReferenceTransformer.Output run(HuggingFaceModel m, int[] tokens) {
    LaterTransformer transformer = new LaterTransformer(m);
    ReferenceTransformer.Output output = transformer.run(tokens);
    int end = transformer.rotary.switchesAt();
    if (end > 0 && end < tokens.length) {
      // a longer sequence has other factors in all positions, as if it had been read anew
      transformer.rotary.beyond(true);
      ReferenceTransformer.Output longer = transformer.run(tokens);
      for (int t = end; t < tokens.length; t++) {
        output.hidden()[t] = longer.hidden()[t];
        output.logits()[t] = longer.logits()[t];
      }
    }
    return output;
  }

  private ReferenceTransformer.Output run(int[] tokens) {
    double[][] x = embedding(m.tensor("model.embed_tokens.weight"), tokens);
    x = scaled(x, gemma() ? Math.sqrt(m.size("hidden_size")) : m.real("embedding_multiplier", 1));
    double residual = m.real("residual_multiplier", 1);
    for (int layer = 0; layer < m.size("num_hidden_layers"); layer++) {
      String h = "model.layers." + layer + ".";
      boolean after = gemma() || type.equals("olmo2");
      double[][] branch = type.equals("olmo2") ? x : norm(h + "input_layernorm", x);
      branch = attended(layer, h + "self_attn.", branch);
      branch = after ? norm(h + "post_attention_layernorm", branch) : branch;
      x = plus(x, scaled(branch, residual));
      branch =
          type.equals("olmo2")
              ? x
              : norm(h + (gemma() ? "pre_feedforward" : "post_attention") + "_layernorm", x);
      branch = Experts.in(m, layer) ? Experts.mixed(m, h, branch) : inner(h + "mlp.", branch);
      branch = after ? norm(h + "post_feedforward_layernorm", branch) : branch;
      x = plus(x, scaled(branch, residual));
    }
    double[][] hidden = norm("model.norm", x);
    boolean usual = gemma() || type.equals("smollm3") || type.equals("starcoder2");
    boolean tied = m.flag("tie_word_embeddings", usual);
    Tensor head = m.tensor(tied ? "model.embed_tokens.weight" : "lm_head.weight");
    double[][] logits = PlainLayers.linear(hidden, head, null);
    logits = scaled(logits, 1 / m.real("logits_scaling", 1));
    double cap = m.real("final_logit_softcapping", 0);
    return new ReferenceTransformer.Output(hidden, cap == 0 ? logits : capped(logits, cap));
  }

  private boolean gemma() {
    return type.startsWith("gemma");
  }

  private double[][] attended(int layer, String h, double[][] x) {
    int queries = heads * headSize;
    int keys = keyValueHeads * headSize;
    double[][] q;
    double[][] k;
    double[][] v;
    if (type.equals("phi3")) {
      double[][] all = linear(h + "qkv_proj", x);
      q = slice(all, 0, queries);
      k = slice(all, queries, queries + keys);
      v = slice(all, queries + keys, queries + 2 * keys);
    } else {
      q = linear(h + "q_proj", x);
      k = linear(h + "k_proj", x);
      v = linear(h + "v_proj", x);
    }
    if (type.equals("gemma3_text") || type.equals("olmo2") || type.equals("qwen3_moe")) {
      // the weights of olmo2's are as wide as all heads
      q = norm(h + "q_norm", q);
      k = norm(h + "k_norm", k);
    }
    if (turns(layer)) {
      PlainRotary rule = type.equals("gemma3_text") && slides(layer) ? local : rotary;
      q = rule.turned(q, headSize);
      k = rule.turned(k, headSize);
    }
    double scale = 1 / Math.sqrt(headSize);
    if (gemma()) {
      scale = 1 / Math.sqrt(m.real("query_pre_attn_scalar", 256));
    } else if (type.equals("granite")) {
      scale = m.real("attention_multiplier", 1);
    }
    Tensor sink = m.tensors().get(h + "sinks");
    float[] sinks = sink == null ? null : sink.values();
    double cap = m.real("attn_logit_softcapping", 0);
    int window = slides(layer) ? m.size("sliding_window", 0) : 0;
    double[][] mixed =
        attention(q, k, v, new PlainLayers.Heads(heads, keyValueHeads, scale, cap, sinks), window);
    return linear(h + "o_proj", mixed);
  }

  private boolean turns(int layer) {
    if (!type.equals("smollm3")) {
      return true;
    }
    return m.config().get("no_rope_layers") instanceof List<?> list
        ? list.get(layer).equals(1)
        : (layer + 1) % m.size("no_rope_layer_interval", 4) != 0;
  }

  private boolean slides(int layer) {
    if (m.config().get("layer_types") instanceof List<?> types) {
      return types.get(layer).equals("sliding_attention");
    }
    return switch (type) {
      case "gemma2", "gpt_oss" -> layer % 2 == 0;
      case "gemma3_text" -> (layer + 1) % m.size("sliding_window_pattern", 6) != 0;
      case "qwen2_moe", "qwen3_moe" -> false;
      case "smollm3" -> m.flag("use_sliding_window", false) && !turns(layer);
      default -> true; // where there is a window at all
    };
  }

  private double[][] inner(String h, double[][] x) {
    if (type.equals("starcoder2")) {
      String f = m.text("hidden_act", "gelu_pytorch_tanh");
      return linear(h + "c_proj", activation(f, linear(h + "c_fc", x)));
    }
    String f = gemma() ? m.text("hidden_activation", "gelu_pytorch_tanh") : "silu";
    double[][] gate;
    double[][] up;
    if (type.equals("phi3")) {
      int size = m.size("intermediate_size");
      double[][] both = linear(h + "gate_up_proj", x);
      gate = slice(both, 0, size);
      up = slice(both, size, 2 * size);
    } else {
      gate = linear(h + "gate_proj", x);
      up = linear(h + "up_proj", x);
    }
    return linear(h + "down_proj", times(activation(f, gate), up));
  }

  private double[][] norm(String name, double[][] x) {
    Tensor weight = m.tensor(name + ".weight");
    if (type.equals("starcoder2")) {
      return PlainLayers.layerNorm(x, weight, m.tensor(name + ".bias"), epsilon);
    }
    return PlainLayers.rmsNorm(x, gemma() ? weight.plus(1) : weight, epsilon);
  }

  private double[][] linear(String name, double[][] x) {
    return PlainLayers.linear(x, m.tensor(name + ".weight"), m.tensors().get(name + ".bias"));
  }
}
