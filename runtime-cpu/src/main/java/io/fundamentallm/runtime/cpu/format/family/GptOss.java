package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** gpt-oss (OpenAI 2025): experts with biases and limited gates, and attention with sinks. */
final class GptOss {
  private static final String KEYS =
      """
      {"vocab_size": 201088, "max_position_embeddings": 131072, "hidden_size": 2880,
       "num_hidden_layers": 36, "num_attention_heads": 64, "num_key_value_heads": 8,
       "head_dim": 64, "intermediate_size": 2880, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "rope_theta": 150000.0,
       "rope_scaling": {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0,
                        "truncate": false, "original_max_position_embeddings": 4096},
       "sliding_window": 128, "sliding_window_pattern": 2,
       "layer_types": null, "num_local_experts": 128, "num_experts_per_tok": 4,
       "swiglu_limit": 7.0, "attention_bias": true, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES
          .without(Part.GATE, Part.UP, Part.DOWN)
          .with(Part.SINKS, "self_attn.sinks")
          .with(Part.ROUTER, "mlp.router")
          .with(Part.EXPERT_GATE, "mlp.experts.gate_up_proj")
          .with(Part.EXPERT_UP, "mlp.experts.gate_up_proj")
          .with(Part.EXPERT_DOWN, "mlp.experts.down_proj");

  static final Family GPT_OSS =
      Family.of(
              "gpt_oss",
              "GptOssForCausalLM",
              KEYS,
              NAMES,
              new Family.Gguf(
                  "gpt-oss",
                  HeadOrder.PLAIN,
                  Map.of(Part.NORM2, "post_attention_norm"),
                  0,
                  Map.of()),
              Trait.NORMALIZED_EXPERTS,
              Trait.EXPERT_BIASES)
          .renamed(Map.of("num_experts", "num_local_experts"));

  private GptOss() {}
}
