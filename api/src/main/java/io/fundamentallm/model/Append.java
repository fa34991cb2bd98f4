package io.fundamentallm.model;

import static java.util.Objects.requireNonNull;

/**
 * Tokens to add at the end of a session, and where their results go. The caller keeps the arrays
 * and may reuse them after the pass.
 *
 * @param session the sequence to extend
 * @param tokens ids in {@code [0, vocabularySize)}; at least one
 * @param logits rows of vocabularySize floats for the last {@code logits.length} tokens, 0 to
 *     {@code tokens.length} of them. A pass writes every entry of each
 * @param hidden rows of hiddenSize floats for the last {@code hidden.length} tokens: the final
 *     hidden states, after the last norm; usually none
 */
@SuppressWarnings("ArrayRecordComponent") // results are written into the caller's own arrays
public record Append(Session session, int[] tokens, float[][] logits, float[][] hidden) {
  private static final float[][] NO_ROWS = {};

  /** Checks the numbers of rows. */
  public Append {
    requireNonNull(session, "session");
    requireNonNull(tokens, "tokens");
    requireNonNull(logits, "logits");
    requireNonNull(hidden, "hidden");
    if (tokens.length == 0) {
      throw new IllegalArgumentException("an append needs at least one token");
    }
    if (logits.length > tokens.length || hidden.length > tokens.length) {
      throw new IllegalArgumentException(
          logits.length
              + " rows of logits and "
              + hidden.length
              + " of hidden states asked for "
              + tokens.length
              + " tokens");
    }
  }

  /** Tokens and rows for the logits of the last of them, without hidden states. */
  public static Append of(Session session, int[] tokens, float[]... logits) {
    return new Append(session, tokens, logits, NO_ROWS);
  }
}
