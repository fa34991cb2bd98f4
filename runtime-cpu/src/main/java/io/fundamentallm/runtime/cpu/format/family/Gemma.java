package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** Gemma 2 (Gemma Team 2024) and Gemma 3 (Gemma Team 2025), of which the text part. */
final class Gemma {
  private static final String GEMMA2_KEYS =
      """
      {"vocab_size": 256000, "max_position_embeddings": 8192, "hidden_size": 2304,
       "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
       "head_dim": 256, "intermediate_size": 9216, "hidden_activation": "gelu_pytorch_tanh",
       "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
       "final_logit_softcapping": 30.0, "sliding_window": 4096, "sliding_window_pattern": 2,
       "layer_types": null, "attention_bias": false, "tie_word_embeddings": true}
      """;

  private static final String GEMMA3_KEYS =
      """
      {"vocab_size": 262208, "max_position_embeddings": 131072, "hidden_size": 2304,
       "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
       "head_dim": 256, "intermediate_size": 9216, "hidden_activation": "gelu_pytorch_tanh",
       "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256, "attn_logit_softcapping": null,
       "final_logit_softcapping": null, "sliding_window": 4096, "sliding_window_pattern": 6,
       "layer_types": null, "rope_theta": 1e6, "rope_local_base_freq": 1e4,
       "attention_bias": false, "tie_word_embeddings": true}
      """;

  private static final Map<String, String> RENAMED = Map.of("hidden_act", "hidden_activation");
  private static final Map<String, String> REQUIRED =
      Map.of("use_bidirectional_attention", "false");

  private static final TensorNames GEMMA2_NAMES =
      Llama.NAMES
          .with(Part.AFTER1, "post_attention_layernorm")
          .with(Part.NORM2, "pre_feedforward_layernorm")
          .with(Part.AFTER2, "post_feedforward_layernorm");

  private static final TensorNames GEMMA3_NAMES =
      GEMMA2_NAMES
          .with(Part.QUERY_NORM, "self_attn.q_norm")
          .with(Part.KEY_NORM, "self_attn.k_norm");

  private static final Trait[] TRAITS = {Trait.NORMS_LESS_ONE, Trait.ROOT_EMBEDDING};

  // of the models of 27B
  private static final Family.Gguf GEMMA2_GGUF =
      new Family.Gguf("gemma2", HeadOrder.PLAIN, Map.of(), 46, Map.of());
  private static final Family.Gguf GEMMA3_GGUF =
      new Family.Gguf("gemma3", HeadOrder.PLAIN, Map.of(), 62, Map.of());

  static final Family GEMMA2 =
      Family.of("gemma2", "Gemma2ForCausalLM", GEMMA2_KEYS, GEMMA2_NAMES, GEMMA2_GGUF, TRAITS)
          .renamed(RENAMED)
          .required(REQUIRED);

  static final Family GEMMA3_TEXT =
      Family.of("gemma3_text", "Gemma3ForCausalLM", GEMMA3_KEYS, GEMMA3_NAMES, GEMMA3_GGUF, TRAITS)
          .renamed(RENAMED)
          .required(REQUIRED);

  /** With images, which this runtime does not see. */
  static final Family GEMMA3 =
      Family.of(
              "gemma3",
              "Gemma3ForConditionalGeneration",
              GEMMA3_KEYS,
              GEMMA3_NAMES,
              GEMMA3_GGUF,
              Trait.NORMS_LESS_ONE,
              Trait.ROOT_EMBEDDING,
              Trait.TEXT_CONFIG)
          .renamed(RENAMED)
          .required(REQUIRED);

  private Gemma() {}
}
