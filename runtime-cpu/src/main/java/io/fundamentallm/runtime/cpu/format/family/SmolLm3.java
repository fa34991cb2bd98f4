package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/** SmolLM3 (Hugging Face 2025), in which every fourth layer has no positions. */
final class SmolLm3 {
  private static final String KEYS =
      """
      {"vocab_size": 128256, "max_position_embeddings": 32768, "hidden_size": 2048,
       "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4,
       "head_dim": null, "intermediate_size": 11008, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "rope_theta": 2e6, "no_rope_layers": null, "no_rope_layer_interval": 4,
       "use_sliding_window": false, "sliding_window": null, "layer_types": null,
       "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": true}
      """;

  static final Family SMOLLM3 =
      Family.of(
          "smollm3",
          "SmolLM3ForCausalLM",
          KEYS,
          Llama.NAMES,
          Family.Gguf.of("smollm3", HeadOrder.PAIRS));

  private SmolLm3() {}
}
