package io.fundamentallm;

/** How the hidden states of a text's tokens become one vector for the text. */
public enum Pooling {
  /** The mean over all tokens, including those around the text. */
  MEAN,
  /**
   * The hidden state of the last token, the end token where the tokenizer's files put one behind a
   * text; in a causal model only that token has seen the whole text.
   */
  LAST,
  /**
   * The hidden state of the first token, for models that are not causal. A causal model has seen
   * nothing else there, so all texts after the same begin token have the same vector.
   */
  CLS
}
