package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/** Granite 3 (IBM 2024), with its four multipliers. */
final class Granite {
  private static final String KEYS =
      """
      {"vocab_size": 32000, "max_position_embeddings": 2048, "hidden_size": 4096,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": null,
       "head_dim": null, "intermediate_size": 11008, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "embedding_multiplier": 1.0, "attention_multiplier": 1.0, "residual_multiplier": 1.0,
       "logits_scaling": 1.0, "attention_bias": false, "mlp_bias": false,
       "tie_word_embeddings": false}
      """;

  static final Family GRANITE =
      Family.of(
          "granite",
          "GraniteForCausalLM",
          KEYS,
          Llama.NAMES,
          Family.Gguf.of("granite", HeadOrder.PAIRS));

  private Granite() {}
}
