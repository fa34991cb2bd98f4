package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code vllm(temperature=0.7,top-p=0.9)}: the sampler of vLLM (version 1), in its order, with its
 * defaults and edge rules. Options are the fields of its SamplingParams, written with hyphens; in
 * the order they run:
 *
 * <pre>
 * allowed-token-ids, bad-words, min-tokens (0), logit-bias, repetition-penalty (1),
 * frequency-penalty (0), presence-penalty (0), temperature (1), min-p (0), top-k (0: off),
 * top-p (1), then a draw
 * </pre>
 *
 * <p>Edge rules: a temperature below 1e-5 takes the best token before min-p, top-k and top-p;
 * repetition looks at prompt and generated text, frequency and presence at the generated text only;
 * top-k keeps tokens equal to the K-th best. {@code stop-token-ids} lists the end tokens of
 * min-tokens (default: the model's). Lists are in the notation of this package.
 */
public final class Vllm implements SamplerProvider {
  private static final int MAX = Integer.MAX_VALUE;
  private static final double GREEDY_BELOW = 1e-5;

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Vllm() {}

  @Override
  public String name() {
    return "vllm";
  }

  @Override
  public SamplerStage create(Options options) {
    EndTokens ends = EndTokens.of(options, "stop-token-ids");
    List<SamplerStage> stages = new ArrayList<>();
    if (options.has("allowed-token-ids")) {
      stages.add(AllowedTokens.stage(TokenList.of(options, "allowed-token-ids"), false));
    }
    if (options.has("bad-words")) {
      stages.add(BadWords.stage(TokenList.of(options, "bad-words")));
    }
    int minTokens = options.integer("min-tokens", 0, 0, MAX);
    if (minTokens > 0) {
      stages.add(MinNewTokens.stage(minTokens, ends));
    }
    if (options.has("logit-bias")) {
      stages.add(LogitBias.stage(TokenList.weighted(options, "logit-bias")));
    }
    addPenalties(options, stages);
    double temperature = options.real("temperature", 1, Range.atLeast(0));
    boolean greedy = temperature < GREEDY_BELOW;
    stages.add(Temperature.stage(greedy ? 0 : temperature));
    addFilters(options, greedy ? new ArrayList<>() : stages);
    return SamplerStage.chain(stages);
  }

  private static void addPenalties(Options options, List<SamplerStage> stages) {
    double repetition = options.real("repetition-penalty", 1, Range.greaterThan(0));
    if (repetition != 1) {
      stages.add(RepetitionPenalty.stage(repetition, new Occurrences.Window(MAX, true)));
    }
    Occurrences.Window generated = new Occurrences.Window(MAX, false);
    double frequency = options.real("frequency-penalty", 0, Range.closed(-2, 2));
    if (frequency != 0) {
      stages.add(FrequencyPenalty.stage(frequency, generated));
    }
    double presence = options.real("presence-penalty", 0, Range.closed(-2, 2));
    if (presence != 0) {
      stages.add(PresencePenalty.stage(presence, generated));
    }
  }

  private static void addFilters(Options options, List<SamplerStage> stages) {
    double minP = options.real("min-p", 0, Range.closed(0, 1));
    if (minP > 0) {
      stages.add(MinP.stage(minP, 1));
    }
    int k = options.integer("top-k", 0, -1, MAX);
    if (k > 0) {
      stages.add(TopK.stage(k, true));
    }
    double p = options.real("top-p", 1, Range.openClosed(0, 1));
    if (p < 1) {
      stages.add(TopP.stage(p, 1));
    }
  }
}
