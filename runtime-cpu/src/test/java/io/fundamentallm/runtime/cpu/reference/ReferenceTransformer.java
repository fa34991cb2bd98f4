package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.PlainLayers.activation;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.attention;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.embedding;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.plus;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.rmsNorm;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.slice;
import static io.fundamentallm.runtime.cpu.reference.PlainLayers.times;

import java.util.List;

/**
 * Forward passes in double precision over a whole sequence at once, without a cache, one method for
 * each file of Hugging Face's models. It shares no code with the runtime that it judges.
 */
final class ReferenceTransformer {

  /**
   * What a pass gives for each token.
   *
   * @param hidden after the last norm
   * @param logits of the next token
   */
  record Output(double[][] hidden, double[][] logits) {}

  private ReferenceTransformer() {}

  static Output run(HuggingFaceModel model, int... tokens) {
    String type = model.text("model_type", "none");
    return switch (type) {
      case "gpt2" -> gpt2(model, tokens);
      case "gpt_neox" -> gptNeox(model, tokens);
      case "llama", "mistral", "qwen2", "qwen3" -> llama(model, type, tokens);
      case "gemma2",
          "gemma3_text",
          "gpt_oss",
          "granite",
          "mixtral",
          "olmo2",
          "phi3",
          "qwen2_moe",
          "qwen3_moe",
          "smollm3",
          "starcoder2" ->
          LaterTransformer.run(model, tokens);
      default -> throw new IllegalArgumentException(type);
    };
  }

  /** modeling_gpt2.py. */
  private static Output gpt2(HuggingFaceModel m, int[] tokens) {
    double epsilon = m.real("layer_norm_epsilon", 1e-5);
    int channels = m.size("n_embd");
    int[] positions = new int[tokens.length];
    for (int t = 0; t < positions.length; t++) {
      positions[t] = t;
    }
    // the published files of gpt2 itself hold the base model, without this prefix
    String root = m.tensors().containsKey("wte.weight") ? "" : "transformer.";
    double[][] x =
        plus(
            embedding(m.tensor(root + "wte.weight"), tokens),
            embedding(m.tensor(root + "wpe.weight"), positions));
    for (int layer = 0; layer < m.size("n_layer"); layer++) {
      String h = root + "h." + layer + ".";
      double[][] qkv = conv1d(m, h + "attn.c_attn", layerNorm(m, h + "ln_1", x, epsilon));
      int heads = m.size("n_head");
      double[][] attended =
          attention(
              slice(qkv, 0, channels),
              slice(qkv, channels, 2 * channels),
              slice(qkv, 2 * channels, 3 * channels),
              heads,
              heads,
              0);
      x = plus(x, conv1d(m, h + "attn.c_proj", attended));
      double[][] inner = conv1d(m, h + "mlp.c_fc", layerNorm(m, h + "ln_2", x, epsilon));
      inner = activation(m.text("activation_function", "gelu_new"), inner);
      x = plus(x, conv1d(m, h + "mlp.c_proj", inner));
    }
    double[][] hidden = layerNorm(m, root + "ln_f", x, epsilon);
    boolean tied = m.flag("tie_word_embeddings", true);
    Tensor head = m.tensor(tied ? root + "wte.weight" : "lm_head.weight");
    return new Output(hidden, PlainLayers.linear(hidden, head, null));
  }

  /** modeling_gpt_neox.py. */
  private static Output gptNeox(HuggingFaceModel m, int[] tokens) {
    double epsilon = m.real("layer_norm_eps", 1e-5);
    int heads = m.size("num_attention_heads");
    int headSize = m.size("hidden_size") / heads;
    PlainRotary rotary = new PlainRotary(m, headSize, "rotary_emb_base", "rotary_pct");
    double[][] x = embedding(m.tensor("gpt_neox.embed_in.weight"), tokens);
    for (int layer = 0; layer < m.size("num_hidden_layers"); layer++) {
      String h = "gpt_neox.layers." + layer + ".";
      double[][] qkv =
          linear(
              m, h + "attention.query_key_value", layerNorm(m, h + "input_layernorm", x, epsilon));
      double[][] attended =
          attention(
              rotary.turned(everyThird(qkv, 0, headSize), headSize),
              rotary.turned(everyThird(qkv, 1, headSize), headSize),
              everyThird(qkv, 2, headSize),
              heads,
              heads,
              0);
      double[][] afterAttention = plus(x, linear(m, h + "attention.dense", attended));
      boolean parallel = m.flag("use_parallel_residual", true);
      double[][] inner =
          linear(
              m,
              h + "mlp.dense_h_to_4h",
              layerNorm(m, h + "post_attention_layernorm", parallel ? x : afterAttention, epsilon));
      inner = activation(m.text("hidden_act", "gelu"), inner);
      x = plus(afterAttention, linear(m, h + "mlp.dense_4h_to_h", inner));
    }
    double[][] hidden = layerNorm(m, "gpt_neox.final_layer_norm", x, epsilon);
    boolean tied = m.flag("tie_word_embeddings", false);
    Tensor head = m.tensor(tied ? "gpt_neox.embed_in.weight" : "embed_out.weight");
    return new Output(hidden, PlainLayers.linear(hidden, head, null));
  }

  /** Each head has its query, its key, its value; these are the queries, or keys, or values. */
  private static double[][] everyThird(double[][] qkv, int which, int headSize) {
    double[][] part = new double[qkv.length][qkv[0].length / 3];
    for (int t = 0; t < qkv.length; t++) {
      for (int c = 0; c < part[t].length; c++) {
        int head = c / headSize;
        part[t][c] = qkv[t][(3 * head + which) * headSize + c % headSize];
      }
    }
    return part;
  }

  /** modeling_llama.py, modeling_mistral.py, modeling_qwen2.py and modeling_qwen3.py. */
  private static Output llama(HuggingFaceModel m, String type, int[] tokens) {
    double epsilon = m.real("rms_norm_eps", 1e-6);
    int heads = m.size("num_attention_heads");
    int keyValueHeads = m.size("num_key_value_heads", heads);
    int headSize = m.size("head_dim", m.size("hidden_size") / heads);
    PlainRotary rotary = new PlainRotary(m, headSize, "rope_theta", "none");
    double[][] x = embedding(m.tensor("model.embed_tokens.weight"), tokens);
    for (int layer = 0; layer < m.size("num_hidden_layers"); layer++) {
      String h = "model.layers." + layer + ".";
      double[][] normed = rmsNorm(x, m.tensor(h + "input_layernorm.weight"), epsilon);
      double[][] q = linear(m, h + "self_attn.q_proj", normed);
      double[][] k = linear(m, h + "self_attn.k_proj", normed);
      double[][] v = linear(m, h + "self_attn.v_proj", normed);
      if (type.equals("qwen3")) {
        q = rmsNorm(q, m.tensor(h + "self_attn.q_norm.weight"), epsilon);
        k = rmsNorm(k, m.tensor(h + "self_attn.k_norm.weight"), epsilon);
      }
      double[][] attended =
          attention(
              rotary.turned(q, headSize),
              rotary.turned(k, headSize),
              v,
              heads,
              keyValueHeads,
              window(m, type, layer));
      x = plus(x, linear(m, h + "self_attn.o_proj", attended));
      normed = rmsNorm(x, m.tensor(h + "post_attention_layernorm.weight"), epsilon);
      double[][] gate =
          activation(m.text("hidden_act", "silu"), linear(m, h + "mlp.gate_proj", normed));
      double[][] inner = times(gate, linear(m, h + "mlp.up_proj", normed));
      x = plus(x, linear(m, h + "mlp.down_proj", inner));
    }
    double[][] hidden = rmsNorm(x, m.tensor("model.norm.weight"), epsilon);
    boolean tied = m.flag("tie_word_embeddings", false);
    Tensor head = m.tensor(tied ? "model.embed_tokens.weight" : "lm_head.weight");
    return new Output(hidden, PlainLayers.linear(hidden, head, null));
  }

  /** How many positions a token sees in a layer, itself included; 0 for all. */
  private static int window(HuggingFaceModel m, String type, int layer) {
    return switch (type) {
      case "mistral" -> m.size("sliding_window", 0);
      case "qwen2", "qwen3" -> {
        if (!m.flag("use_sliding_window", false) || !m.has("sliding_window")) {
          yield 0;
        }
        boolean slides =
            m.config().get("layer_types") instanceof List<?> types
                ? types.get(layer).equals("sliding_attention")
                : layer >= m.size("max_window_layers", 28);
        yield slides ? m.size("sliding_window") : 0;
      }
      default -> 0;
    };
  }

  private static double[][] layerNorm(
      HuggingFaceModel m, String name, double[][] x, double epsilon) {
    return PlainLayers.layerNorm(x, m.tensor(name + ".weight"), m.tensor(name + ".bias"), epsilon);
  }

  /** A layer has a bias where the file has one. */
  private static double[][] linear(HuggingFaceModel m, String name, double[][] x) {
    return PlainLayers.linear(x, m.tensor(name + ".weight"), m.tensors().get(name + ".bias"));
  }

  /** GPT-2 stores its matrices as [inputs][outputs]. */
  private static double[][] conv1d(HuggingFaceModel m, String name, double[][] x) {
    return PlainLayers.linear(x, m.tensor(name + ".weight").transposed(), m.tensor(name + ".bias"));
  }
}
