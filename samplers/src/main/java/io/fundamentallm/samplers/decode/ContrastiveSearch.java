package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;

/**
 * {@code contrastive(k=4,alpha=0.6)}: contrastive search (Su et al.: "A contrastive framework for
 * neural text generation", 2022). Of the {@code k} most probable tokens it takes the one with the
 * highest {@code (1 - alpha) * p - alpha * s}, so that the text is probable and does not repeat
 * itself; among equals the one with the lowest id.
 *
 * <ul>
 *   <li>p is the probability after the constraint and all processors of the sampler, among all
 *       tokens that they left; k are chosen after them. The last choice of the sampler is not used.
 *   <li>s is the largest cosine between the final hidden state of the token and those of all tokens
 *       before it, the prompt's included; 0 if one of the two is all zero.
 *   <li>The k candidates are forks of the sequence, read in one pass; that of the chosen one
 *       continues. A token that is certain, or the only one left, is taken without this.
 *   <li>If the context is full, each candidate is read in the context that the policy leaves with
 *       it. Hidden states follow: those of tokens that the policy drops no longer count, those of
 *       text that is read again are replaced, and those of text that stays are kept. A policy that
 *       stops, or refuses, leaves no room to read candidates: then the most probable token is the
 *       last.
 *   <li>{@code alpha} is in [0, 1]; alpha 0 or k 1 is greedy.
 * </ul>
 *
 * <p>The hidden states of the context take 4 bytes for each token and channel, for as long as the
 * generation does. They count in the model's budget for keys and values ({@link
 * io.fundamentallm.model.Session#reserve}); when it is used up, the generation fails with a {@link
 * io.fundamentallm.model.CacheFullException}.
 *
 * <p>A model without {@link io.fundamentallm.model.Capability#HIDDEN_STATES} is refused by {@code
 * decode}, with an {@link UnsupportedOperationException}. A {@link
 * io.fundamentallm.model.PrefixCache} is not asked, because it holds no hidden states.
 */
public final class ContrastiveSearch implements DecoderProvider {
  private static final int MAX_CANDIDATES = 1024;

  /** Used by {@link java.util.ServiceLoader}, or to add this decoder to a registry by hand. */
  public ContrastiveSearch() {}

  @Override
  public String name() {
    return "contrastive";
  }

  @Override
  public Decoder create(Options options) {
    // the paper's settings for text in English
    int k = options.integer("k", 4, 1, MAX_CANDIDATES);
    return new ContrastiveDecoder(k, options.real("alpha", 0.6, Range.closed(0, 1)));
  }
}
