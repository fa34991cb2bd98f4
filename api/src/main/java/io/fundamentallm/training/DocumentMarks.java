package io.fundamentallm.training;

import io.fundamentallm.text.Tokenizer;
import java.util.OptionalInt;

/**
 * The tokens around each document of training data: its begin and end tokens, so that generation
 * without a prompt starts from something learned.
 */
record DocumentMarks(OptionalInt begin, OptionalInt end) {
  static DocumentMarks of(Tokenizer tokenizer) {
    return new DocumentMarks(tokenizer.beginToken(), tokenizer.vocabulary().eos());
  }

  /** What comes before a document; if one token is both, there is one between two documents. */
  OptionalInt before(boolean first) {
    return first || !begin.equals(end) ? begin : OptionalInt.empty();
  }

  /** What comes after a document. */
  OptionalInt after() {
    return end;
  }
}
