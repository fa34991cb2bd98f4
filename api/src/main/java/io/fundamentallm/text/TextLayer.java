package io.fundamentallm.text;

import io.fundamentallm.model.Stateful;

/** Passes a stream of text on, changed or delayed; one piece for each token. */
interface TextLayer extends Stateful {
  /** Takes the next token's piece, possibly empty, and returns what is final. */
  String append(String piece);

  /**
   * What is still held back, followed by this last piece, when nothing more comes; changes nothing.
   */
  String finish(String last);

  @Override
  TextLayer fork();
}
