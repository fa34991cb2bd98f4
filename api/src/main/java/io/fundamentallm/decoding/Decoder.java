package io.fundamentallm.decoding;

import io.fundamentallm.model.LanguageModel;
import java.util.List;
import java.util.function.UnaryOperator;

/** Drives a model: prompt in, tokens out. Immutable and thread-safe. */
@FunctionalInterface
public interface Decoder {
  /**
   * Begins a generation. Computes nothing until the result is iterated.
   *
   * @param prompt token ids; at least one. Copied.
   * @throws IllegalArgumentException for an empty prompt or a token id outside the vocabulary
   */
  Generation decode(LanguageModel model, int[] prompt, DecodingOptions options);

  /**
   * A decoder that writes as this one does, then delivers the sequence that your own ranking puts
   * first: {@code Decoders.parse("sampling(n=8)").ranked(…)}. Its first token is available when all
   * sequences have ended.
   *
   * @param ranking takes the finished sequences, in the order of {@link Generation#sequences()},
   *     and returns those to deliver, best first, at least one; called once for each generation,
   *     from any thread
   */
  default Decoder ranked(UnaryOperator<List<GeneratedSequence>> ranking) {
    return new RankedDecoder(this, ranking);
  }
}
