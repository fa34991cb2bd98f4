package io.fundamentallm.benchmarks.inference;

/** A runtime with a model loaded, measured by turns with others. Tokens are chosen greedily. */
interface Engine extends AutoCloseable {
  /** The seconds from an empty context to the token that follows the prompt. */
  double prefill(int[] prompt);

  /**
   * The seconds a token, over so many tokens that follow the prompt; the first of them is not
   * timed.
   */
  double decode(int[] prompt, int tokens);

  /**
   * The seconds a token, over so many tokens for each of the prompts, which go forward together.
   *
   * @throws UnsupportedOperationException where that cannot be measured
   */
  double decode(int[][] prompts, int tokens);

  /** So many tokens that follow the prompt, to see that all engines compute the same. */
  int[] continuation(int[] prompt, int tokens);

  @Override
  void close();
}
