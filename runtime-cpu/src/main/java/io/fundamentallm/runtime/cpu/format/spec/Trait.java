package io.fundamentallm.runtime.cpu.format.spec;

/** What all models of a family have in common, and other families have not. */
public enum Trait {
  /** LayerNorm, with biases; other families have RMSNorm. */
  LAYER_NORM,
  /** Hugging Face's files hold one less than the weights of norms. */
  NORMS_LESS_ONE,
  /** Queries and keys are normalised over all heads together. */
  WIDE_QUERY_KEY_NORM,
  /** The probabilities of a token's experts are divided by their sum. */
  NORMALIZED_EXPERTS,
  /** Experts and what chooses them have biases. */
  EXPERT_BIASES,
  /** Embeddings are multiplied by the square root of the hidden size. */
  ROOT_EMBEDDING,
  /** All linear layers have biases. */
  BIASES,
  /** Queries, keys and values have biases. */
  QUERY_KEY_VALUE_BIASES,
  /** Feed-forward layers have biases. */
  INNER_BIASES,
  /**
   * The settings are those under {@code text_config}, the weights those of a module, {@code
   * language_model}; others are of other modalities.
   */
  TEXT_CONFIG,
  /** Hugging Face's files hold matrices of linear layers as [inputs][outputs]. */
  TRANSPOSED,
  /** Hugging Face's files hold query, key and value of each head together. */
  HEADS_TOGETHER
}
