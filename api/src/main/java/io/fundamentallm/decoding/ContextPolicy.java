package io.fundamentallm.decoding;

import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ContextFullException;
import io.fundamentallm.model.ModelInfo;

/**
 * What to do when the sequence no longer fits in the model's context. Thread-safe.
 *
 * <p>Applications add their own, such as a summary that replaces the oldest part: return a {@link
 * Reread} of the tokens that the model should see next.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TextGenerator endless = generator.with(options -> options.contextPolicy(ContextPolicy.slide(16)));
 * String text = endless.withMaxNewTokens(300).generate("It is a truth");
 * }</pre>
 */
@FunctionalInterface
public interface ContextPolicy {
  /**
   * Called before an append that has no room.
   *
   * @param context the tokens that the model sees, including those to be appended: more than {@code
   *     model.contextLength()}. A copy.
   * @return what to do
   * @throws IllegalStateException to end the generation with an error
   */
  Action onFull(int[] context, ModelInfo model);

  /** The answer of a policy. */
  sealed interface Action {}

  /**
   * End with {@link FinishReason#CONTEXT_FULL}; a {@link ContextFullException} if nothing was read
   * yet, because then the prompt alone is too long.
   */
  record Stop() implements Action {}

  /**
   * Continue as if the context were these tokens. The beginning that they share with the present
   * context is kept; the rest is computed.
   *
   * @param tokens at least one, at most {@code contextLength}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Reread(int[] tokens) implements Action {}

  /**
   * Drop the tokens in {@code [from, to)} of the context without computing the rest again; where
   * the model lacks {@link Capability#EVICT} the kept text is read again.
   *
   * @param from first index to drop
   * @param to index after the last to drop
   */
  record Evict(int from, int to) implements Action {}

  /**
   * The default: the text ends with the last token that fits, with {@link
   * FinishReason#CONTEXT_FULL}; a prompt that alone does not fit is a {@link ContextFullException}.
   */
  static ContextPolicy stop() {
    return (context, model) -> new Stop();
  }

  /**
   * A {@link ContextFullException} with the figures and the alternatives, even in the middle of a
   * text: for callers that have no use for half a text.
   */
  static ContextPolicy error() {
    return (context, model) -> {
      throw new ContextFullException(
          "the context of "
              + model.contextLength()
              + " tokens is full: "
              + context.length
              + " are needed. Shorten the prompt, lower maxNewTokens, or choose a ContextPolicy");
    };
  }

  /**
   * Forgets the oldest tokens and reads the newest three quarters of a context again, so that it
   * gains room for a quarter at once.
   */
  static ContextPolicy truncateLeft() {
    return (context, model) -> {
      int kept = Math.max(1, model.contextLength() - Math.max(1, model.contextLength() / 4));
      int[] tokens = new int[Math.min(kept, context.length)];
      System.arraycopy(context, context.length - tokens.length, tokens, 0, tokens.length);
      return new Reread(tokens);
    };
  }

  /**
   * Keeps the first tokens, drops the older half of the others, and reads the rest again: the rule
   * of llama.cpp's context shift. Half is {@code (contextLength - keep) / 2}, rounded down, at
   * least 1. If that is not enough, as with a long prompt, it drops as many halves as it takes, as
   * llama.cpp does to shorten prompts.
   *
   * @param keep how many of the first tokens always stay, at least 0
   */
  static ContextPolicy slide(int keep) {
    requireNotNegative(keep);
    return (context, model) -> {
      Evict evict = middle(keep, context, model);
      int[] tokens = new int[context.length - (evict.to - evict.from)];
      System.arraycopy(context, 0, tokens, 0, evict.from);
      System.arraycopy(context, evict.to, tokens, evict.from, context.length - evict.to);
      return new Reread(tokens);
    };
  }

  /**
   * As {@link #slide}, but evicts the middle without reading anything again if the model can:
   * StreamingLLM (Xiao et al., "Efficient Streaming Language Models with Attention Sinks", 2023).
   *
   * @param sinks how many of the first tokens always stay; the paper uses 4
   */
  static ContextPolicy attentionSinks(int sinks) {
    requireNotNegative(sinks);
    return (context, model) -> middle(sinks, context, model);
  }

  private static void requireNotNegative(int keep) {
    if (keep < 0) {
      throw new IllegalArgumentException("cannot always keep " + keep + " tokens");
    }
  }

  private static Evict middle(int keep, int[] context, ModelInfo model) {
    if (keep >= model.contextLength()) {
      throw new IllegalArgumentException(
          "cannot always keep "
              + keep
              + " tokens of a context of "
              + model.contextLength()
              + "; accepted: 0 to "
              + (model.contextLength() - 1));
    }
    int half = Math.max(1, (model.contextLength() - keep) / 2);
    int tooMany = context.length - model.contextLength();
    int halves = Math.max(1, (tooMany + half - 1) / half);
    return new Evict(keep, keep + halves * half);
  }
}
