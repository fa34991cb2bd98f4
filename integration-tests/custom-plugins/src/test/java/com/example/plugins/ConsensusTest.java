package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of every decoder, and which text this one delivers. */
class ConsensusTest extends DecoderContract {
  private static final int[] PROMPT = {256};
  private static final ByteTokenizer TOKENIZER = ByteTokenizer.withBeginAndEnd();

  @Override
  protected Decoder decoder() {
    return Decoders.parse("consensus(of=4)");
  }

  @Test
  void the_text_that_most_texts_agree_with_comes_first() {
    for (long seed = 0; seed < 20; seed++) {
      List<String> drawn = texts(Decoders.parse("sampling(n=9)"), seed);
      List<String> ranked = texts(Decoders.parse("consensus(of=9)"), seed);
      long ayes = drawn.stream().filter("a"::equals).count();
      assertThat(ranked).containsExactlyInAnyOrderElementsOf(drawn);
      assertThat(ranked.get(0)).as("%s", drawn).isEqualTo(ayes > 4 ? "a" : "b");
    }
  }

  @Test
  void a_number_of_texts_out_of_range_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decoders.parse("consensus(of=1)"))
        .withMessageContaining("\"consensus\"")
        .withMessageContaining("[2, 1024]");
  }

  /** A model that says a or b, with the same probability. */
  private static List<String> texts(Decoder decoder, long seed) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(258, 8).build(),
            (tokens, length, row) -> {
              java.util.Arrays.fill(row, Float.NEGATIVE_INFINITY);
              row['a'] = 0;
              row['b'] = 0;
            });
    DecodingOptions options =
        DecodingOptions.builder().tokenizer(TOKENIZER).seed(seed).maxNewTokens(1).build();
    try (Generation generation = decoder.decode(model, PROMPT, options)) {
      generation.forEachRemaining(token -> {});
      return generation.sequences().stream().map(GeneratedSequence::text).toList();
    }
  }
}
