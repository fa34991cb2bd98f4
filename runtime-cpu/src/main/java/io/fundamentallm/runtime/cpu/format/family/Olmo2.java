package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;

/** OLMo 2 (OLMo Team 2024), whose norms come after the layers. */
final class Olmo2 {
  private static final String KEYS =
      """
      {"vocab_size": 50304, "max_position_embeddings": 2048, "hidden_size": 4096,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": null,
       "head_dim": null, "intermediate_size": 11008, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "attention_bias": false, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES
          .without(Part.NORM1, Part.NORM2)
          .with(Part.QUERY_NORM, "self_attn.q_norm")
          .with(Part.KEY_NORM, "self_attn.k_norm")
          .with(Part.AFTER1, "post_attention_layernorm")
          .with(Part.AFTER2, "post_feedforward_layernorm");

  static final Family OLMO2 =
      Family.of(
          "olmo2",
          "Olmo2ForCausalLM",
          KEYS,
          NAMES,
          Family.Gguf.of("olmo2", HeadOrder.PLAIN),
          Trait.WIDE_QUERY_KEY_NORM);

  private Olmo2() {}
}
