package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.Stateful;

/**
 * A language that the generated text must belong to, such as a regular expression, a JSON Schema or
 * a grammar. Says which tokens may come next; the prompt is not part of the text. Belongs to one
 * generation; one thread at a time.
 *
 * <p>Applications add their own with {@link DecodingOptions.Builder#constraint}, plugins as a stage
 * with {@link io.fundamentallm.spi.SamplerStage#constraint}.
 */
public interface TokenConstraint extends Stateful {
  /**
   * The tokens that may come next: bit {@code t % 64} of word {@code t / 64} for token t. The end
   * tokens of the model are among them exactly where the text may end.
   *
   * @return at least ceil(vocabularySize / 64) words; read-only, valid until the next call that
   *     changes this constraint
   * @throws ConstraintException where nothing can follow, or the limits of the constraint are
   *     exceeded
   * @throws java.util.concurrent.CancellationException where the thread is interrupted while the
   *     mask is computed; it stays interrupted, and the constraint is unchanged
   */
  long[] mask();

  /**
   * The token that is taken without asking the model, where the constraint leaves one continuation;
   * {@link Sampler#NOT_FORCED} where there is a choice. A function of the tokens accepted so far,
   * so that every decoder takes the same ones; always allowed by {@link #mask()}.
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
