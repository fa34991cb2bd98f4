package io.fundamentallm.tokenizers;

/** What becomes of a character outside the vocabulary. */
enum UnknownPolicy {
  ERROR,
  UNK,
  SKIP
}
