package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** Mixtral (Jiang et al. 2024): Mistral with experts. */
final class Mixtral {
  private static final String KEYS =
      """
      {"vocab_size": 32000, "max_position_embeddings": 131072, "hidden_size": 4096,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
       "head_dim": null, "intermediate_size": 14336, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "rope_theta": 1e6, "sliding_window": null, "num_local_experts": 8,
       "num_experts_per_tok": 2, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES
          .without(Part.GATE, Part.UP, Part.DOWN)
          .with(Part.ROUTER, "block_sparse_moe.gate")
          .with(Part.EXPERT_GATE, "block_sparse_moe.experts.#.w1")
          .with(Part.EXPERT_UP, "block_sparse_moe.experts.#.w3")
          .with(Part.EXPERT_DOWN, "block_sparse_moe.experts.#.w2");

  static final Family MIXTRAL =
      Family.of(
              "mixtral",
              "MixtralForCausalLM",
              KEYS,
              NAMES,
              Family.Gguf.of("llama", HeadOrder.PAIRS),
              Trait.NORMALIZED_EXPERTS)
          .renamed(Map.of("num_experts", "num_local_experts"));

  private Mixtral() {}
}
