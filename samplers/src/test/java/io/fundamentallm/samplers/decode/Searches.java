package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import java.util.ArrayList;
import java.util.List;

/** Runs decoders on toy models to their end. */
final class Searches {
  private Searches() {}

  /** What a decoder returns; the first is what it iterates, and no session is left. */
  static List<GeneratedSequence> run(
      String spec, ToyModel model, int[] prompt, DecodingOptions options) {
    List<Token> iterated = new ArrayList<>();
    Generation generation = Decoders.parse(spec).decode(model, prompt, options);
    generation.forEachRemaining(iterated::add);
    List<GeneratedSequence> sequences = generation.sequences();
    assertThat(sequences.get(0).tokens()).isEqualTo(iterated);
    assertThat(sequences.get(0).finishReason()).isEqualTo(generation.finishReason());
    assertThat(model.openSessions()).isZero();
    return sequences;
  }

  /** The ids of a sequence. */
  static List<Integer> ids(GeneratedSequence sequence) {
    return sequence.tokens().stream().map(Token::id).toList();
  }

  /** The ids of all. */
  static List<List<Integer>> allIds(List<GeneratedSequence> sequences) {
    return sequences.stream().map(Searches::ids).toList();
  }
}
