package io.fundamentallm.benchmarks.models;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes {@code config.json} and {@code model.safetensors}. */
final class HuggingFace {
  private static final String LLAMA =
      """
      {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": false,
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "head_dim": %d,
        "hidden_act": "silu",
        "hidden_size": %d,
        "initializer_range": 0.02,
        "intermediate_size": %d,
        "max_position_embeddings": %d,
        "mlp_bias": false,
        "model_type": "llama",
        "num_attention_heads": %d,
        "num_hidden_layers": %d,
        "num_key_value_heads": %d,
        "pretraining_tp": 1,
        "rms_norm_eps": 1e-05,
        "rope_scaling": null,
        "rope_theta": 10000.0,
        "tie_word_embeddings": %b,
        "torch_dtype": "%s",
        "transformers_version": "4.46.0",
        "use_cache": true,
        "vocab_size": %d
      }
      """;

  private static final String MIXTURE =
      """
      {
        "architectures": ["Qwen3MoeForCausalLM"],
        "attention_bias": false,
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "decoder_sparse_step": 1,
        "eos_token_id": 2,
        "head_dim": %d,
        "hidden_act": "silu",
        "hidden_size": %d,
        "initializer_range": 0.02,
        "intermediate_size": %d,
        "max_position_embeddings": %d,
        "mlp_only_layers": [],
        "model_type": "qwen3_moe",
        "moe_intermediate_size": %3$d,
        "norm_topk_prob": true,
        "num_attention_heads": %d,
        "num_experts": %d,
        "num_experts_per_tok": %d,
        "num_hidden_layers": %d,
        "num_key_value_heads": %d,
        "output_router_logits": false,
        "rms_norm_eps": 1e-06,
        "rope_scaling": null,
        "rope_theta": 10000.0,
        "router_aux_loss_coef": 0.001,
        "sliding_window": null,
        "tie_word_embeddings": false,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.51.0",
        "use_cache": true,
        "use_sliding_window": false,
        "vocab_size": %d
      }
      """;

  private static final String GPT2 =
      """
      {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1,
        "bos_token_id": 1,
        "embd_pdrop": 0.1,
        "eos_token_id": 2,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2",
        "n_ctx": %d,
        "n_embd": %d,
        "n_head": %d,
        "n_inner": null,
        "n_layer": %d,
        "n_positions": %1$d,
        "reorder_and_upcast_attn": false,
        "resid_pdrop": 0.1,
        "scale_attn_by_inverse_layer_idx": false,
        "scale_attn_weights": true,
        "summary_activation": null,
        "summary_first_dropout": 0.1,
        "summary_proj_to_labels": true,
        "summary_type": "cls_index",
        "summary_use_proj": true,
        "torch_dtype": "float32",
        "transformers_version": "4.46.0",
        "use_cache": true,
        "vocab_size": %5$d
      }
      """;

  private HuggingFace() {}

  static void write(Shape shape, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config(shape));
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(directory.resolve("model.safetensors")))) {
      byte[] header = header(shape).getBytes(StandardCharsets.UTF_8);
      out.write(LittleEndian.bytes(header.length));
      out.write(header);
      for (Tensor tensor : shape.tensors()) {
        if (shape.halves()) {
          LittleEndian.writeHalves(tensor.values(), out);
        } else {
          LittleEndian.write(tensor.values(), out);
        }
      }
    }
  }

  private static String config(Shape shape) {
    if (shape.mixture()) {
      return MIXTURE.formatted(
          shape.headWidth(),
          shape.width,
          shape.inner,
          shape.positions,
          shape.heads,
          Shape.EXPERTS,
          Shape.CHOSEN,
          shape.layers,
          shape.keyValueHeads(),
          shape.vocabulary);
    }
    return shape.llama()
        ? LLAMA.formatted(
            shape.headWidth(),
            shape.width,
            shape.inner,
            shape.positions,
            shape.heads,
            shape.layers,
            shape.keyValueHeads(),
            shape.tied(),
            shape.halves() ? "bfloat16" : "float32",
            shape.vocabulary)
        : GPT2.formatted(shape.positions, shape.width, shape.heads, shape.layers, shape.vocabulary);
  }

  private static String header(Shape shape) {
    int each = shape.halves() ? Short.BYTES : Float.BYTES;
    String type = shape.halves() ? "BF16" : "F32";
    StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    long at = 0;
    for (Tensor tensor : shape.tensors()) {
      long end = at + (long) tensor.elements() * each;
      json.append(",\"").append(tensor.name());
      json.append("\":{\"dtype\":\"").append(type).append("\",\"shape\":");
      json.append(Arrays.toString(tensor.shape()));
      json.append(",\"data_offsets\":[").append(at).append(',').append(end).append("]}");
      at = end;
    }
    json.append('}');
    // So that the data are aligned.
    while (json.length() % 8 != 0) {
      json.append(' ');
    }
    return json.toString();
  }
}
