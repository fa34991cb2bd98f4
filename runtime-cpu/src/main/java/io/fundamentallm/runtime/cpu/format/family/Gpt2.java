package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** GPT-2 (Radford et al. 2019). */
final class Gpt2 {
  private static final String KEYS =
      """
      {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12,
       "n_inner": null,
       "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": true}
      """;

  private static final TensorNames NAMES =
      new TensorNames(
          "transformer.",
          "transformer.h.",
          Map.ofEntries(
              Map.entry(Part.EMBEDDING, "transformer.wte"),
              Map.entry(Part.POSITIONS, "transformer.wpe"),
              Map.entry(Part.FINAL_NORM, "transformer.ln_f"),
              Map.entry(Part.HEAD, "lm_head"),
              Map.entry(Part.NORM1, "ln_1"),
              Map.entry(Part.QUERY_KEY_VALUE, "attn.c_attn"),
              Map.entry(Part.ATTENTION_OUT, "attn.c_proj"),
              Map.entry(Part.NORM2, "ln_2"),
              Map.entry(Part.UP, "mlp.c_fc"),
              Map.entry(Part.DOWN, "mlp.c_proj")));

  static final Family GPT2 =
      Family.of(
              "gpt2",
              "GPT2LMHeadModel",
              KEYS,
              NAMES,
              Family.Gguf.of("gpt2", HeadOrder.PLAIN),
              Trait.LAYER_NORM,
              Trait.BIASES,
              Trait.TRANSPOSED)
          .renamed(
              Map.of(
                  "max_position_embeddings", "n_positions",
                  "hidden_size", "n_embd",
                  "num_hidden_layers", "n_layer",
                  "num_attention_heads", "n_head",
                  "intermediate_size", "n_inner",
                  "hidden_act", "activation_function",
                  "rms_norm_eps", "layer_norm_epsilon"))
          .required(
              Map.of(
                  "scale_attn_weights", "true",
                  "scale_attn_by_inverse_layer_idx", "false",
                  "add_cross_attention", "false"));

  private Gpt2() {}
}
