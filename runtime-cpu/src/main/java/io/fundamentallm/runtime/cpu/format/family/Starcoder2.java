package io.fundamentallm.runtime.cpu.format.family;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.util.Map;

/** StarCoder 2 (Lozhkov et al. 2024): GPT-2's layers with rotary positions and grouped queries. */
final class Starcoder2 {
  private static final String KEYS =
      """
      {"vocab_size": 49152, "max_position_embeddings": 4096, "hidden_size": 3072,
       "num_hidden_layers": 30, "num_attention_heads": 24, "num_key_value_heads": 2,
       "head_dim": null, "intermediate_size": 12288, "hidden_act": "gelu_pytorch_tanh",
       "norm_epsilon": 1e-5, "sliding_window": null, "use_bias": true,
       "tie_word_embeddings": true}
      """;

  private static final TensorNames NAMES =
      Llama.NAMES.without(Part.GATE).with(Part.UP, "mlp.c_fc").with(Part.DOWN, "mlp.c_proj");

  static final Family STARCODER2 =
      Family.of(
              "starcoder2",
              "Starcoder2ForCausalLM",
              KEYS,
              NAMES,
              Family.Gguf.of("starcoder2", HeadOrder.PLAIN),
              Trait.LAYER_NORM)
          .renamed(Map.of("rms_norm_eps", "norm_epsilon"));

  private Starcoder2() {}
}
