package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** Llama (Touvron et al. 2023) and Mistral (Jiang et al. 2023). */
final class Llama {
  private static final String LLAMA_KEYS =
      """
      {"vocab_size": 32000, "max_position_embeddings": 2048, "hidden_size": 4096,
       "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": null, "head_dim": null,
       "intermediate_size": 11008, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": false}
      """;

  private static final String MISTRAL_KEYS =
      """
      {"vocab_size": 32000, "max_position_embeddings": 131072, "hidden_size": 4096,
       "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": null,
       "intermediate_size": 14336, "hidden_act": "silu", "rms_norm_eps": 1e-6,
       "sliding_window": 4096, "tie_word_embeddings": false}
      """;

  /** What many later families call their tensors, too. */
  static final TensorNames NAMES =
      new TensorNames(
          "model.",
          "model.layers.",
          Map.ofEntries(
              Map.entry(Part.EMBEDDING, "model.embed_tokens"),
              Map.entry(Part.FINAL_NORM, "model.norm"),
              Map.entry(Part.HEAD, "lm_head"),
              Map.entry(Part.NORM1, "input_layernorm"),
              Map.entry(Part.QUERY, "self_attn.q_proj"),
              Map.entry(Part.KEY, "self_attn.k_proj"),
              Map.entry(Part.VALUE, "self_attn.v_proj"),
              Map.entry(Part.ATTENTION_OUT, "self_attn.o_proj"),
              Map.entry(Part.NORM2, "post_attention_layernorm"),
              Map.entry(Part.GATE, "mlp.gate_proj"),
              Map.entry(Part.UP, "mlp.up_proj"),
              Map.entry(Part.DOWN, "mlp.down_proj")));

  private static final Family.Gguf GGUF = Family.Gguf.of("llama", HeadOrder.PAIRS);

  static final Family LLAMA = Family.of("llama", "LlamaForCausalLM", LLAMA_KEYS, NAMES, GGUF);

  static final Family MISTRAL =
      Family.of("mistral", "MistralForCausalLM", MISTRAL_KEYS, NAMES, GGUF);

  private Llama() {}
}
