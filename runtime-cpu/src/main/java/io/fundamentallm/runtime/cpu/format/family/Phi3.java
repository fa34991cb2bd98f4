package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/** Phi-3 and Phi-4 (Abdin et al. 2024). */
final class Phi3 {
  private static final String KEYS =
      """
      {"vocab_size": 32064, "max_position_embeddings": 4096, "hidden_size": 3072,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": null,
       "head_dim": null, "intermediate_size": 8192, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "original_max_position_embeddings": 4096, "partial_rotary_factor": 1.0,
       "sliding_window": null, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES
          .without(Part.QUERY, Part.KEY, Part.VALUE, Part.GATE, Part.UP)
          .with(Part.QUERY_KEY_VALUE, "self_attn.qkv_proj")
          .with(Part.GATE_UP, "mlp.gate_up_proj");

  static final Family PHI3 =
      Family.of("phi3", "Phi3ForCausalLM", KEYS, NAMES, Family.Gguf.of("phi3", HeadOrder.PLAIN));

  private Phi3() {}
}
