package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;

/**
 * {@code bad-words="'damn';4;1+0"}: sequences of tokens that never appear in the generated text
 * (Hugging Face transformers' NoBadWordsLogitsProcessor). A sequence of one token cannot be chosen
 * at all; the last token of a longer one cannot be chosen where the text, prompt included, ends
 * with the tokens before it. Sequences are written in the notation of this package. A sequence that
 * is just an end token of the model is ignored, since generation would never end.
 */
public final class BadWords implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public BadWords() {}

  @Override
  public String name() {
    return "bad-words";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(TokenList.of(options, "value"));
  }

  static SamplerStage stage(TokenList words) {
    return SamplerStage.named(
        "bad-words",
        SamplerStage.processor(
            binding -> {
              int[][] sequences = withoutEnds(words.sequences(binding), binding);
              return (LogitsProcessor)
                  step -> {
                    Logits logits = step.logits();
                    for (int[] sequence : sequences) {
                      int index = logits.indexOf(sequence[sequence.length - 1]);
                      if (index >= 0 && Sequences.nextIsLast(sequence, step.history())) {
                        logits.setScore(index, Float.NEGATIVE_INFINITY);
                      }
                    }
                  };
            }));
  }

  private static int[][] withoutEnds(int[][] sequences, Binding binding) {
    return Arrays.stream(sequences)
        .filter(word -> word.length > 1 || !binding.model().endTokens().contains(word[0]))
        .toArray(int[][]::new);
  }
}
