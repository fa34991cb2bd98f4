package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/** Qwen2 (Yang et al. 2024) and Qwen3 (Yang et al. 2025). */
final class Qwen {
  private static final String QWEN2_KEYS =
      """
      {"vocab_size": 151936, "max_position_embeddings": 32768, "hidden_size": 4096,
       "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": null,
       "intermediate_size": 22016, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28,
       "layer_types": null, "tie_word_embeddings": false}
      """;

  private static final String QWEN3_KEYS =
      """
      {"vocab_size": 151936, "max_position_embeddings": 32768, "hidden_size": 4096,
       "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128,
       "intermediate_size": 22016, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28,
       "layer_types": null, "attention_bias": false, "tie_word_embeddings": false}
      """;

  /** With norms of queries and keys. */
  static final TensorNames NAMES =
      Llama.NAMES.with(Part.QUERY_NORM, "self_attn.q_norm").with(Part.KEY_NORM, "self_attn.k_norm");

  static final Family QWEN2 =
      Family.of(
          "qwen2",
          "Qwen2ForCausalLM",
          QWEN2_KEYS,
          Llama.NAMES,
          Family.Gguf.of("qwen2", HeadOrder.PLAIN),
          Trait.QUERY_KEY_VALUE_BIASES);

  static final Family QWEN3 =
      Family.of(
          "qwen3", "Qwen3ForCausalLM", QWEN3_KEYS, NAMES, Family.Gguf.of("qwen3", HeadOrder.PLAIN));

  private Qwen() {}
}
