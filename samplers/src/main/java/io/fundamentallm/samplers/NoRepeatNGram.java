package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.List;

/**
 * {@code no-repeat-n-gram=N}: no N tokens in a row appear twice (Paulus, Xiong, Socher: "A deep
 * reinforced model for abstractive summarization", ICLR 2018; the rule is Hugging Face
 * transformers'). A token that would complete such a run, the prompt included, cannot be chosen. 0
 * turns it off, as there.
 *
 * <p>{@code no-repeat-n-gram(value=N,source=prompt)} only keeps runs of the prompt out of the
 * generated text, which may repeat itself; transformers calls that encoder_no_repeat_ngram_size.
 */
public final class NoRepeatNGram implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public NoRepeatNGram() {}

  @Override
  public String name() {
    return "no-repeat-n-gram";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.integer("value", 0, Integer.MAX_VALUE),
        options.choice("source", "all", List.of("all", "prompt")).equals("prompt"));
  }

  static SamplerStage stage(int n, boolean promptOnly) {
    return SamplerStage.named(
        "no-repeat-n-gram",
        SamplerStage.processor(binding -> (LogitsProcessor) step -> ban(step, n, promptOnly)));
  }

  private static void ban(Step step, int n, boolean promptOnly) {
    if (n == 0) {
      return;
    }
    Logits logits = step.logits();
    History history = step.history();
    int begun = promptOnly ? history.generated() : history.length();
    if (begun < n - 1) {
      return;
    }
    int sourceLength = promptOnly ? history.promptLength() : history.length();
    for (int end = n - 1; end < sourceLength; end++) {
      if (endsEqual(history, end, n - 1)) {
        int index = logits.indexOf(history.token(end));
        if (index >= 0) {
          logits.setScore(index, Float.NEGATIVE_INFINITY);
        }
      }
    }
  }

  /** Whether the tokens before a position equal the last ones. */
  private static boolean endsEqual(History history, int end, int length) {
    for (int i = 1; i <= length; i++) {
      if (history.token(end - i) != history.token(history.length() - i)) {
        return false;
      }
    }
    return true;
  }
}
