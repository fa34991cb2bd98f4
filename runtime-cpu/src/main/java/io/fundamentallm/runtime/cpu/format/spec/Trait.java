package io.fundamentallm.runtime.cpu.format.spec;

/** What all models of a family have in common, and other families have not. */
public enum Trait {
  /** LayerNorm, with biases; other families have RMSNorm. */
  LAYER_NORM("LayerNorm"),
  /** Hugging Face's files hold one less than the weights of norms. */
  NORMS_LESS_ONE("norms around 1"),
  /** Queries and keys are normalised over all heads together. */
  WIDE_QUERY_KEY_NORM("query and key norms over all heads"),
  /** Embeddings are multiplied by the square root of the hidden size. */
  ROOT_EMBEDDING("embeddings times √hidden size"),
  /** All linear layers have biases. */
  BIASES("biases"),
  /** Queries, keys and values have biases. */
  QUERY_KEY_VALUE_BIASES("biases of queries, keys and values"),
  /** Feed-forward layers have biases. */
  INNER_BIASES("biases of feed-forward layers"),
  /** The settings are those under {@code text_config}; other weights are of other modalities. */
  TEXT_CONFIG("text part"),
  /** Hugging Face's files hold matrices of linear layers as [inputs][outputs]. */
  TRANSPOSED(""),
  /** Hugging Face's files hold query, key and value of each head together. */
  HEADS_TOGETHER("");

  private final String words;

  Trait(String words) {
    this.words = words;
  }

  /** What readers of a table may want to know; empty where only files are concerned. */
  String words() {
    return words;
  }
}
