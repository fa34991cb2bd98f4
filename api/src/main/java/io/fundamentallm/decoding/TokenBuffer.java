package io.fundamentallm.decoding;

import java.util.Arrays;
import java.util.Objects;

/**
 * A growing sequence of tokens: the {@link History} that decoders keep and stages read. One thread
 * at a time.
 */
public final class TokenBuffer implements History {
  private int[] tokens;
  private int length;
  private final int promptLength;

  private TokenBuffer(int[] tokens, int length, int promptLength) {
    this.tokens = tokens;
    this.length = length;
    this.promptLength = promptLength;
  }

  /** A history that holds only the prompt so far. */
  public static TokenBuffer ofPrompt(int... prompt) {
    return new TokenBuffer(Arrays.copyOf(prompt, prompt.length + 64), prompt.length, prompt.length);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int promptLength() {
    return promptLength;
  }

  @Override
  public int token(int index) {
    Objects.checkIndex(index, length);
    return tokens[index];
  }

  /** Adds a token at the end. */
  public void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, length + (length >> 1) + 16);
    }
    tokens[length++] = token;
  }

  /**
   * Removes the last tokens.
   *
   * @throws IllegalArgumentException when that would reach into the prompt
   */
  public void rollback(int count) {
    if (count < 0 || count > length - promptLength) {
      throw new IllegalArgumentException(
          "cannot roll back " + count + " of " + (length - promptLength) + " generated tokens");
    }
    length -= count;
  }

  /** An independent copy. */
  public TokenBuffer fork() {
    return new TokenBuffer(tokens.clone(), length, promptLength);
  }
}
