package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/**
 * GPT-NeoX (Black et al. 2022) and Pythia. Their activation is the GELU that such models were
 * trained with, although llama.cpp takes its tanh form.
 */
final class GptNeoX {
  private static final String KEYS =
      """
      {"vocab_size": 50432, "max_position_embeddings": 2048, "hidden_size": 6144,
       "num_hidden_layers": 44,
       "num_attention_heads": 64, "intermediate_size": 24576, "hidden_act": "gelu",
       "rotary_pct": 0.25, "layer_norm_eps": 1e-5, "use_parallel_residual": true,
       "attention_bias": true, "tie_word_embeddings": false}
      """;

  private static final TensorNames NAMES =
      new TensorNames(
          "gpt_neox.",
          "gpt_neox.layers.",
          Map.of(
              Part.EMBEDDING, "gpt_neox.embed_in",
              Part.FINAL_NORM, "gpt_neox.final_layer_norm",
              Part.HEAD, "embed_out",
              Part.NORM1, "input_layernorm",
              Part.QUERY_KEY_VALUE, "attention.query_key_value",
              Part.ATTENTION_OUT, "attention.dense",
              Part.NORM2, "post_attention_layernorm",
              Part.UP, "mlp.dense_h_to_4h",
              Part.DOWN, "mlp.dense_4h_to_h"));

  static final Family GPT_NEOX =
      Family.of(
              "gpt_neox",
              "GPTNeoXForCausalLM",
              KEYS,
              NAMES,
              Family.Gguf.of("gptneox", HeadOrder.PLAIN),
              Trait.LAYER_NORM,
              Trait.INNER_BIASES,
              Trait.HEADS_TOGETHER)
          .renamed(
              Map.of(
                  "rms_norm_eps", "layer_norm_eps",
                  "rope_theta", "rotary_emb_base",
                  "partial_rotary_factor", "rotary_pct"));

  private GptNeoX() {}
}
