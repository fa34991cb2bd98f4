package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;

/** Why a generation ended. */
public enum FinishReason {
  /** One of the model's own end tokens. */
  END_TOKEN,
  /** A token that the caller named. */
  STOP_TOKEN,
  /** A text that the caller named. */
  STOP_STRING,
  /** {@code maxNewTokens} were generated. */
  MAX_NEW_TOKENS,
  /** The options' time limit was reached. */
  TIME_LIMIT,
  /** The text repeats itself; see {@link StopCondition#repetition}. */
  REPETITION,
  /** A {@link StopCondition} of the caller's was met. */
  STOP_CONDITION,
  /**
   * The model's context is full and the {@link ContextPolicy} says to stop, as it does by default.
   */
  CONTEXT_FULL,
  /** {@link Generation#close()} was called, or the caller's {@link Cancellation} asked for it. */
  CANCELLED
}
