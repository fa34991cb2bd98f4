package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code sequence-bias="1:100;1+0:-100;'foo':2"}: adds a number to the score of a sequence's last
 * token where the text, prompt included, ends with the tokens before it (Hugging Face transformers'
 * SequenceBiasLogitsProcessor). A sequence of one token is always biased; the biases of several
 * with the same last token add up. Sequences are written in the notation of this package, each with
 * a finite number or {@code -inf}.
 */
public final class SequenceBias implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public SequenceBias() {}

  @Override
  public String name() {
    return "sequence-bias";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(TokenList.weighted(options, "value"));
  }

  static SamplerStage stage(TokenList biases) {
    return SamplerStage.named(
        "sequence-bias",
        SamplerStage.processor(
            binding -> {
              int[][] sequences = biases.sequences(binding);
              return (LogitsProcessor)
                  step -> {
                    Logits logits = step.logits();
                    for (int i = 0; i < sequences.length; i++) {
                      int[] sequence = sequences[i];
                      int index = logits.indexOf(sequence[sequence.length - 1]);
                      if (index >= 0 && Sequences.nextIsLast(sequence, step.history())) {
                        logits.setScore(index, (float) (logits.score(index) + biases.weight(i)));
                      }
                    }
                  };
            }));
  }
}
