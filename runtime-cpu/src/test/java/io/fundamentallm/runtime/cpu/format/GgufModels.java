package io.fundamentallm.runtime.cpu.format;

import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** Small models as llama.cpp's convert_hf_to_gguf.py would write them, for tests. */
public final class GgufModels {
  private GgufModels() {}

  private static int number(TinyModel model, String key) {
    return (int) model.config.get(key);
  }

  /** A llama, qwen2 or qwen3 model, with 32-bit floats. */
  public static GgufBytes llama(TinyModel model) {
    String type = (String) model.config.get("model_type");
    int heads = number(model, "num_attention_heads");
    int keyHeads = number(model, "num_key_value_heads");
    GgufBytes gguf =
        new GgufBytes()
            .set("general.architecture", type)
            .set(type + ".block_count", number(model, "num_hidden_layers"))
            .set(type + ".context_length", number(model, "max_position_embeddings"))
            .set(type + ".embedding_length", number(model, "hidden_size"))
            .set(type + ".feed_forward_length", number(model, "intermediate_size"))
            .set(type + ".attention.head_count", heads)
            .set(type + ".attention.head_count_kv", keyHeads)
            .set(type + ".attention.key_length", number(model, "head_dim"))
            .set(type + ".attention.value_length", number(model, "head_dim"))
            .set(type + ".attention.layer_norm_rms_epsilon", 1e-6f)
            .set("tokenizer.ggml.bos_token_id", 1)
            .set("tokenizer.ggml.eos_token_id", 2);
    model.tensors.forEach(
        (name, weights) -> {
          boolean query = name.contains("q_proj");
          boolean paired = type.equals("llama") && (query || name.contains("k_proj"));
          gguf.add(
              name.replace("model.layers.", "blk.")
                  .replace("model.embed_tokens", "token_embd")
                  .replace("model.norm", "output_norm")
                  .replace("lm_head", "output")
                  .replace("input_layernorm", "attn_norm")
                  .replace("post_attention_layernorm", "ffn_norm")
                  .replace("self_attn.q_proj", "attn_q")
                  .replace("self_attn.k_proj", "attn_k")
                  .replace("self_attn.v_proj", "attn_v")
                  .replace("self_attn.o_proj", "attn_output")
                  .replace("self_attn.q_norm", "attn_q_norm")
                  .replace("self_attn.k_norm", "attn_k_norm")
                  .replace("mlp.gate_proj", "ffn_gate")
                  .replace("mlp.up_proj", "ffn_up")
                  .replace("mlp.down_proj", "ffn_down"),
              paired ? paired(weights, query ? heads : keyHeads) : weights);
        });
    return gguf;
  }

  /**
   * A model in several files, as gguf-split cuts it.
   *
   * @param whole makes the model anew
   */
  public static GgufBytes[] parts(Supplier<GgufBytes> whole, int count) {
    GgufBytes all = whole.get();
    List<String> names = all.tensors();
    GgufBytes[] parts = new GgufBytes[count];
    for (int i = 0; i < count; i++) {
      parts[i] = i == 0 ? whole.get() : new GgufBytes();
      parts[i].set("split.no", i).set("split.count", count);
      parts[i].set("split.tensors.count", names.size());
      for (int t = 0; t < names.size(); t++) {
        if (t * count / names.size() == i) {
          parts[i].copy(names.get(t), all);
        } else {
          parts[i].remove(names.get(t));
        }
      }
    }
    return parts;
  }

  /** The script's permute: [heads][2][half] becomes [heads][half][2]. */
  private static Weights paired(Weights weights, int heads) {
    int rows = weights.shape()[0];
    int columns = weights.values().length / rows;
    int half = rows / heads / 2;
    float[] values = new float[weights.values().length];
    for (int head = 0; head < heads; head++) {
      for (int part = 0; part < 2; part++) {
        for (int i = 0; i < half; i++) {
          int from = (head * 2 + part) * half + i;
          int to = (head * half + i) * 2 + part;
          System.arraycopy(weights.values(), from * columns, values, to * columns, columns);
        }
      }
    }
    return new Weights(weights.shape(), values);
  }

  /** A GPT-2 model; matrices of linear layers are transposed. */
  public static GgufBytes gpt2(TinyModel model) {
    GgufBytes gguf =
        new GgufBytes()
            .set("general.architecture", "gpt2")
            .set("gpt2.block_count", 2)
            .set("gpt2.context_length", 8)
            .set("gpt2.embedding_length", 12)
            .set("gpt2.feed_forward_length", 48)
            .set("gpt2.attention.head_count", 3)
            .set("gpt2.attention.layer_norm_epsilon", 1e-5f);
    model.tensors.forEach(
        (name, weights) ->
            gguf.add(
                name.replace("transformer.h.", "blk.")
                    .replace("transformer.wte", "token_embd")
                    .replace("transformer.wpe", "position_embd")
                    .replace("transformer.ln_f", "output_norm")
                    .replace("ln_1", "attn_norm")
                    .replace("ln_2", "ffn_norm")
                    .replace("attn.c_attn", "attn_qkv")
                    .replace("attn.c_proj", "attn_output")
                    .replace("mlp.c_fc", "ffn_up")
                    .replace("mlp.c_proj", "ffn_down"),
                name.matches(".*c_.*weight") ? transposed(weights) : weights));
    return gguf;
  }

  private static Weights transposed(Weights weights) {
    int rows = weights.shape()[1];
    int columns = weights.shape()[0];
    float[] values = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[r * columns + c] = weights.at(c, r);
      }
    }
    return new Weights(new int[] {rows, columns}, values);
  }

  /** A GPT-NeoX model; queries, keys and values are taken apart. */
  public static GgufBytes gptNeoX(TinyModel model) {
    GgufBytes gguf =
        new GgufBytes()
            .set("general.architecture", "gptneox")
            .set("gptneox.block_count", 2)
            .set("gptneox.context_length", 16)
            .set("gptneox.embedding_length", 24)
            .set("gptneox.feed_forward_length", 20)
            .set("gptneox.attention.head_count", 3)
            .set("gptneox.rope.dimension_count", 2)
            .set("gptneox.use_parallel_residual", true)
            .set("gptneox.attention.layer_norm_epsilon", 1e-5f)
            .set("tokenizer.ggml.tokens", Collections.nCopies(11, "x"));
    for (String name : List.copyOf(model.tensors.keySet())) {
      Weights weights = model.tensor(name);
      gguf.add(
          name.replace("gpt_neox.layers.", "blk.")
              .replace("gpt_neox.embed_in", "token_embd")
              .replace("gpt_neox.final_layer_norm", "output_norm")
              .replace("embed_out", "output")
              .replace("input_layernorm", "attn_norm")
              .replace("post_attention_layernorm", "ffn_norm")
              .replace("attention.query_key_value", "attn_qkv")
              .replace("attention.dense", "attn_output")
              .replace("mlp.dense_h_to_4h", "ffn_up")
              .replace("mlp.dense_4h_to_h", "ffn_down"),
          name.contains("query_key_value") ? apart(weights, 3) : weights);
    }
    return gguf;
  }

  private static Weights apart(Weights weights, int heads) {
    int rows = weights.shape()[0];
    int size = weights.values().length / rows * (rows / heads / 3);
    float[] values = new float[weights.values().length];
    for (int head = 0; head < heads; head++) {
      for (int part = 0; part < 3; part++) {
        System.arraycopy(
            weights.values(), (head * 3 + part) * size, values, (part * heads + head) * size, size);
      }
    }
    return new Weights(weights.shape(), values);
  }
}
