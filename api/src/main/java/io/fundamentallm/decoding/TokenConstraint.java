package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.Stateful;

/**
 * A language that the generated text must belong to, such as a regular expression, a JSON Schema or
 * a grammar. It decides which tokens may come next; the prompt is not part of the text. Belongs to
 * one generation; one thread at a time.
 *
 * <p>Applications add their own with {@link DecodingOptions.Builder#constraint}, plugins as a stage
 * with {@link io.fundamentallm.spi.SamplerStage#constraint}.
 */
public interface TokenConstraint extends Stateful {
  /**
   * The tokens that may come next: bit {@code t % 64} of word {@code t / 64} for token t. They
   * include the model's end tokens exactly when the text may end.
   *
   * @return at least ceil(vocabularySize / 64) words; read-only, valid until the next call that
   *     changes this constraint
   * @throws ConstraintException if nothing can follow, or the constraint's limits are exceeded
   * @throws java.util.concurrent.CancellationException if the thread is interrupted while the mask
   *     is computed; it stays interrupted, and the constraint is unchanged
   */
  long[] mask();

  /**
   * The token to take without asking the model, if the constraint leaves only one continuation;
   * {@link Sampler#NOT_FORCED} if there is a choice. A function of the tokens accepted so far, so
   * every decoder takes the same ones; always allowed by {@link #mask()}.
   */
  default int forced() {
    return Sampler.NOT_FORCED;
  }

  /**
   * Takes a token that became part of the text.
   *
   * @throws ConstraintException for a token that {@link #mask()} does not allow; the constraint is
   *     unchanged
   */
  void accept(int token);

  @Override
  TokenConstraint fork();
}
