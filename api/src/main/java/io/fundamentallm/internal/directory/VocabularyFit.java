package io.fundamentallm.internal.directory;

import java.util.Locale;

/**
 * Whether a tokenizer can be a model's own, judged by their sizes.
 *
 * <p>A model may have more logits than the tokenizer has ids: sizes are rounded up to a multiple of
 * 64, 128 or 256, and some publishers leave room. Of Qwen 2.5's 152,064 logits 399 have no token,
 * of gpt-oss's 201,088 1,069, of Phi-2's 51,200 905, of DeepSeek LLM's 102,400 2,385: one in 43.
 * Such tokens were never trained, so no text gets them. Where both a multiple of 256 and an eighth
 * of the logits are exceeded, the tokenizer is another model's.
 */
public final class VocabularyFit {
  /** The largest multiple that sizes are usually rounded up to. */
  private static final int MULTIPLE = 256;

  /** One in so many logits without a token is more than any publisher leaves. */
  private static final int SHARE = 8;

  private VocabularyFit() {}

  /**
   * Refuses a tokenizer that belongs to another model.
   *
   * @throws IllegalArgumentException if it does; says both sizes and what to do
   */
  public static void require(int ids, int logits) {
    if (ids > logits) {
      throw misfit("the tokenizer has " + ids + " ids but the model only " + logits + " logits");
    }
    int bare = logits - ids;
    if (bare >= MULTIPLE && bare > logits / SHARE) {
      throw misfit(
          String.format(
              Locale.ROOT,
              "the tokenizer has only %d ids but the model %d logits, so %d of its tokens have no"
                  + " text",
              ids,
              logits,
              bare));
    }
  }

  private static IllegalArgumentException misfit(String sizes) {
    return new IllegalArgumentException(
        sizes
            + ": they do not belong together. If both are of one directory, another tokenizer was"
            + " saved over the model's own: copy that back, or train the model again");
  }
}
