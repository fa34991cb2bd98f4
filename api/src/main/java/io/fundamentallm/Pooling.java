package io.fundamentallm;

/** How the hidden states of a text's tokens become the one vector of the text. */
public enum Pooling {
  /** The mean over all tokens, the begin token among them. */
  MEAN,
  /** That of the last token, which in a causal model alone has seen the whole text. */
  LAST,
  /**
   * That of the first token. A causal model has seen nothing else there, so that all texts behind
   * the same begin token have the same vector; for models that were trained otherwise.
   */
  CLS
}
