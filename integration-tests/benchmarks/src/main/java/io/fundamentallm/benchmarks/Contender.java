package io.fundamentallm.benchmarks;

/**
 * A tokenizer that is measured: a library's plain call and nothing around it.
 *
 * @param <T> the library's own form of a list of tokens
 */
interface Contender<T> {
  /** Encodes as plain text, with nothing added. */
  T encode(String text);

  String decode(T tokens);

  /** The ids, to compare libraries by. */
  int[] ids(T tokens);
}
