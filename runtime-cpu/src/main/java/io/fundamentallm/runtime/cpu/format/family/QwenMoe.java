package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/**
 * The Qwen2 and Qwen3 models with experts; the former have one for all tokens. Some of their layers
 * may have none.
 */
final class QwenMoe {
  private static final String QWEN2_KEYS =
      """
      {"vocab_size": 151936, "max_position_embeddings": 32768, "hidden_size": 2048,
       "num_hidden_layers": 24, "num_attention_heads": 16, "num_key_value_heads": 16,
       "head_dim": null, "intermediate_size": 5632, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "num_experts": 60, "num_experts_per_tok": 4, "norm_topk_prob": false,
       "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
       "use_sliding_window": false, "sliding_window": 4096, "layer_types": null,
       "decoder_sparse_step": 1, "mlp_only_layers": [],
       "qkv_bias": true, "tie_word_embeddings": false}
      """;

  private static final String QWEN3_KEYS =
      """
      {"vocab_size": 151936, "max_position_embeddings": 32768, "hidden_size": 2048,
       "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 4,
       "head_dim": null, "intermediate_size": 6144, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "num_experts": 128, "num_experts_per_tok": 8, "norm_topk_prob": false,
       "moe_intermediate_size": 768, "use_sliding_window": false, "sliding_window": 4096,
       "layer_types": null,
       "decoder_sparse_step": 1, "mlp_only_layers": [], "attention_bias": false, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES
          .with(Part.ROUTER, "mlp.gate")
          .with(Part.EXPERT_GATE, "mlp.experts.#.gate_proj")
          .with(Part.EXPERT_UP, "mlp.experts.#.up_proj")
          .with(Part.EXPERT_DOWN, "mlp.experts.#.down_proj");

  private static final TensorNames QWEN2_NAMES =
      NAMES
          .with(Part.SHARED_ROUTER, "mlp.shared_expert_gate")
          .with(Part.SHARED_GATE, "mlp.shared_expert.gate_proj")
          .with(Part.SHARED_UP, "mlp.shared_expert.up_proj")
          .with(Part.SHARED_DOWN, "mlp.shared_expert.down_proj");

  private static final TensorNames QWEN3_NAMES =
      NAMES.with(Part.QUERY_NORM, "self_attn.q_norm").with(Part.KEY_NORM, "self_attn.k_norm");

  private static final Map<String, String> REQUIRED = Map.of("use_sliding_window", "false");

  static final Family QWEN2_MOE =
      Family.of(
              "qwen2_moe",
              "Qwen2MoeForCausalLM",
              QWEN2_KEYS,
              QWEN2_NAMES,
              Family.Gguf.of("qwen2moe", HeadOrder.PLAIN))
          .required(REQUIRED);

  /** In GGUF files the probabilities are always divided by their sum. */
  static final Family QWEN3_MOE =
      Family.of(
              "qwen3_moe",
              "Qwen3MoeForCausalLM",
              QWEN3_KEYS,
              QWEN3_NAMES,
              Family.Gguf.of("qwen3moe", HeadOrder.PLAIN).with("norm_topk_prob", true))
          .required(REQUIRED);

  private QwenMoe() {}
}
