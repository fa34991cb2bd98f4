package io.fundamentallm.runtime.cpu.format.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tensors of one architecture are called, without the {@code .weight} and {@code .bias} at
 * the end.
 *
 * @param prefix the prefix of all names, which may be missing, such as {@code model.}
 * @param embedding the token embedding
 * @param positions the position table; null for none
 * @param finalNorm the norm before the head
 * @param head the language-model head
 * @param layers what precedes the number of a layer; a dot and one of the following come after it
 * @param norm1 the norm before attention
 * @param queryKeyValue one tensor that holds all three, or three tensors
 * @param queryNorm the norm of each head's queries; null for none
 * @param keyNorm the norm of each head's keys; null for none
 * @param attentionOut the layer after attention
 * @param norm2 the norm before the feed-forward layer
 * @param gate of the feed-forward layer; null for none
 * @param up of the feed-forward layer
 * @param down of the feed-forward layer
 */
public record TensorNames(
    String prefix,
    String embedding,
    @Nullable String positions,
    String finalNorm,
    String head,
    String layers,
    String norm1,
    List<String> queryKeyValue,
    @Nullable String queryNorm,
    @Nullable String keyNorm,
    String attentionOut,
    String norm2,
    @Nullable String gate,
    String up,
    String down) {

  /** Hugging Face's GPT2LMHeadModel. */
  public static final TensorNames GPT2 =
      new TensorNames(
          "transformer.",
          "transformer.wte",
          "transformer.wpe",
          "transformer.ln_f",
          "lm_head",
          "transformer.h.",
          "ln_1",
          List.of("attn.c_attn"),
          null,
          null,
          "attn.c_proj",
          "ln_2",
          null,
          "mlp.c_fc",
          "mlp.c_proj");

  /** Hugging Face's GPTNeoXForCausalLM. */
  public static final TensorNames GPT_NEOX =
      new TensorNames(
          "gpt_neox.",
          "gpt_neox.embed_in",
          null,
          "gpt_neox.final_layer_norm",
          "embed_out",
          "gpt_neox.layers.",
          "input_layernorm",
          List.of("attention.query_key_value"),
          null,
          null,
          "attention.dense",
          "post_attention_layernorm",
          null,
          "mlp.dense_h_to_4h",
          "mlp.dense_4h_to_h");

  /** Hugging Face's LlamaForCausalLM, and those that follow it. */
  public static TensorNames llama(boolean queryKeyNorm) {
    return new TensorNames(
        "model.",
        "model.embed_tokens",
        null,
        "model.norm",
        "lm_head",
        "model.layers.",
        "input_layernorm",
        List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        queryKeyNorm ? "self_attn.q_norm" : null,
        queryKeyNorm ? "self_attn.k_norm" : null,
        "self_attn.o_proj",
        "post_attention_layernorm",
        "mlp.gate_proj",
        "mlp.up_proj",
        "mlp.down_proj");
  }

  /** The names that llama.cpp gives the tensors of all architectures. */
  public static TensorNames gguf(
      boolean positions, boolean fused, boolean queryKeyNorm, boolean gated) {
    return new TensorNames(
        "",
        "token_embd",
        positions ? "position_embd" : null,
        "output_norm",
        "output",
        "blk.",
        "attn_norm",
        fused ? List.of("attn_qkv") : List.of("attn_q", "attn_k", "attn_v"),
        queryKeyNorm ? "attn_q_norm" : null,
        queryKeyNorm ? "attn_k_norm" : null,
        "attn_output",
        "ffn_norm",
        gated ? "ffn_gate" : null,
        "ffn_up",
        "ffn_down");
  }

  /** The name of a part of a layer. */
  public String inLayer(int layer, String part) {
    return layers + layer + "." + part;
  }
}
