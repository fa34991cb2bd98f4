package io.fundamentallm.runtime.cpu.format.spec;

/** The role of a tensor in a model. */
public enum Part {
  /** The token embedding. */
  EMBEDDING("token_embd", false),
  /** The position table. */
  POSITIONS("position_embd", false),
  /** The norm before the head. */
  FINAL_NORM("output_norm", false),
  /** The language-model head. */
  HEAD("output", false),
  /** The norm before attention. */
  NORM1("attn_norm", true),
  /** Queries, keys and values in one tensor. */
  QUERY_KEY_VALUE("attn_qkv", true),
  /** Queries. */
  QUERY("attn_q", true),
  /** Keys. */
  KEY("attn_k", true),
  /** Values. */
  VALUE("attn_v", true),
  /** The norm of queries. */
  QUERY_NORM("attn_q_norm", true),
  /** The norm of keys. */
  KEY_NORM("attn_k_norm", true),
  /** Each head's score for attending to nothing. */
  SINKS("attn_sinks", true),
  /** The linear layer after attention. */
  ATTENTION_OUT("attn_output", true),
  /** The norm after attention. */
  AFTER1("post_attention_norm", true),
  /** The norm before the feed-forward layer. */
  NORM2("ffn_norm", true),
  /** The gate of the feed-forward layer. */
  GATE("ffn_gate", true),
  /** What the gate multiplies, or all of an ungated layer's inner channels. */
  UP("ffn_up", true),
  /** Gate and what it multiplies in one tensor, in this order. */
  GATE_UP("ffn_up", true),
  /** The way back from the inner channels. */
  DOWN("ffn_down", true),
  /** The norm after the feed-forward layer. */
  AFTER2("post_ffw_norm", true),
  /** What chooses experts. */
  ROUTER("ffn_gate_inp", true),
  /**
   * The gate of an expert; where files have a tensor for each, {@code #} stands for its number. One
   * that has the name of {@link #EXPERT_UP} is in the same tensor.
   */
  EXPERT_GATE("ffn_gate_exps", true),
  /** What an expert's gate multiplies. */
  EXPERT_UP("ffn_up_exps", true),
  /** The way back of an expert. */
  EXPERT_DOWN("ffn_down_exps", true),
  /** What weighs the expert of all tokens. */
  SHARED_ROUTER("ffn_gate_inp_shexp", true),
  /** The gate of the expert of all tokens. */
  SHARED_GATE("ffn_gate_shexp", true),
  /** What that gate multiplies. */
  SHARED_UP("ffn_up_shexp", true),
  /** The way back of the expert of all tokens. */
  SHARED_DOWN("ffn_down_shexp", true);

  private final String gguf;
  private final boolean inLayer;

  Part(String gguf, boolean inLayer) {
    this.gguf = gguf;
    this.inLayer = inLayer;
  }

  /** What llama.cpp calls it in all architectures, but for the few that a family names. */
  String gguf() {
    return gguf;
  }

  /** Whether each layer has its own. */
  public boolean inLayer() {
    return inLayer;
  }
}
