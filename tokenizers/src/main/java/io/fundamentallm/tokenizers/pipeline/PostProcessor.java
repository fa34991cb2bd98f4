package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.Encoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lays out one or two texts for the model. Immutable and thread-safe. */
public interface PostProcessor {
  /**
   * Adds what belongs around the text.
   *
   * @param second null for a single text
   * @param addSpecialTokens false for the texts alone
   */
  Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens);

  /** How many tokens it adds. */
  int added(boolean pair);

  /** How many times, at most, the result has what it is given. */
  default int repeats() {
    return 1;
  }

  /**
   * The outermost token that it puts before a text, or behind it.
   *
   * @param end whether behind it
   * @return -1 for none
   */
  default int outermost(boolean end) {
    int probe = -1; // no token; only what is around it matters
    int[] ids = process(Encoding.of(new int[] {probe}, null, null), null, true).ids();
    return end ? ids[ids.length - 1] : ids[0];
  }

  /** Adds nothing; a second text has the type id 1. */
  static PostProcessor none() {
    return new PostProcessor() {
      @Override
      public Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens) {
        return second == null ? first : Encoding.joined(List.of(first, second.withTypeId(1)));
      }

      @Override
      public int added(boolean pair) {
        return 0;
      }
    };
  }
}
