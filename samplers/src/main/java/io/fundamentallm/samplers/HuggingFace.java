package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code hf(temperature=0.7,top-p=0.9)}: the stages of Hugging Face transformers' {@code generate},
 * in its order, with its defaults and edge rules. Options are the fields of its GenerationConfig,
 * written with hyphens; in the order they run:
 *
 * <pre>
 * sequence-bias, encoder-repetition-penalty (1), repetition-penalty (1), no-repeat-ngram-size (0),
 * encoder-no-repeat-ngram-size (0), bad-words-ids, min-length (0), min-new-tokens (0),
 * prefix-allowed-tokens, forced-bos-token-id, forced-eos-token-id (with max-length),
 * exponential-decay-start and -factor, suppress-tokens, begin-suppress-tokens;
 * with do-sample (true): temperature (1), top-k (50), top-p (1), min-p (0), typical-p (1),
 * epsilon-cutoff (0), eta-cutoff (0), then a draw; without: the best token
 * </pre>
 *
 * <p>Edge rules: top-k keeps tokens equal to the K-th best and is off at 0; typical and the cutoffs
 * keep ties; {@code min-tokens-to-keep} (1; transformers takes 2 with beams) raises top-k too.
 * {@code eos-token-id} lists the end tokens (default: the model's). Lists are in the notation of
 * this package. Which of two equal tokens top-p drops is undefined there; here it is the higher id.
 */
public final class HuggingFace implements SamplerProvider {
  private static final int MAX = Integer.MAX_VALUE;

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public HuggingFace() {}

  @Override
  public String name() {
    return "hf";
  }

  @Override
  public SamplerStage create(Options options) {
    EndTokens ends = EndTokens.of(options, "eos-token-id");
    List<SamplerStage> stages = new ArrayList<>();
    addHistory(options, stages);
    addLengths(options, ends, stages);
    if (options.has("suppress-tokens")) {
      stages.add(SuppressedTokens.stage(TokenList.of(options, "suppress-tokens"), false));
    }
    if (options.has("begin-suppress-tokens")) {
      stages.add(SuppressedTokens.stage(TokenList.of(options, "begin-suppress-tokens"), true));
    }
    boolean sample = options.flag("do-sample", true);
    addWarpers(options, sample ? stages : new ArrayList<>());
    if (!sample) {
      stages.add(Temperature.stage(0));
    }
    return SamplerStage.chain(stages);
  }

  private static void addHistory(Options options, List<SamplerStage> stages) {
    if (options.has("sequence-bias")) {
      stages.add(SequenceBias.stage(TokenList.weighted(options, "sequence-bias")));
    }
    double encoder = options.real("encoder-repetition-penalty", 1, Range.greaterThan(0));
    if (encoder != 1) { // rewards tokens of the prompt
      stages.add(RepetitionPenalty.ofPrompt(1 / encoder));
    }
    double repetition = options.real("repetition-penalty", 1, Range.greaterThan(0));
    if (repetition != 1) {
      stages.add(
          RepetitionPenalty.stage(
              repetition,
              new Occurrences.Window(MAX, options.flag("repetition-penalty-prompt", true))));
    }
    int ngram = options.integer("no-repeat-ngram-size", 0, 0, MAX);
    if (ngram > 0) {
      stages.add(NoRepeatNGram.stage(ngram, false));
    }
    int promptNgram = options.integer("encoder-no-repeat-ngram-size", 0, 0, MAX);
    if (promptNgram > 0) {
      stages.add(NoRepeatNGram.stage(promptNgram, true));
    }
    if (options.has("bad-words-ids")) {
      stages.add(BadWords.stage(TokenList.of(options, "bad-words-ids")));
    }
  }

  private static void addLengths(Options options, EndTokens ends, List<SamplerStage> stages) {
    int length = options.integer("min-length", 0, 0, MAX);
    if (length > 0) {
      stages.add(MinLength.stage(length, ends));
    }
    int newTokens = options.integer("min-new-tokens", 0, 0, MAX);
    if (newTokens > 0) {
      stages.add(MinNewTokens.stage(newTokens, ends));
    }
    if (options.has("prefix-allowed-tokens")) {
      stages.add(AllowedTokens.stage(TokenList.of(options, "prefix-allowed-tokens"), false));
    }
    if (options.has("forced-bos-token-id")) {
      stages.add(ForcedBeginToken.stage(TokenList.of(options, "forced-bos-token-id")));
    }
    if (options.has("forced-eos-token-id")) {
      int longest = options.integer("max-length", 1, MAX);
      stages.add(
          ForcedEndToken.stage(
              history -> history.length() == longest - 1,
              EndTokens.of(options, "forced-eos-token-id")));
    }
    if (options.has("exponential-decay-factor")) {
      stages.add(
          ExponentialDecayLengthPenalty.stage(
              options.integer("exponential-decay-start", 0, MAX),
              options.real("exponential-decay-factor", Range.greaterThan(0)),
              ends));
    }
  }

  private static void addWarpers(Options options, List<SamplerStage> stages) {
    int minKeep = options.integer("min-tokens-to-keep", 1, 1, MAX);
    double temperature = options.real("temperature", 1, Range.greaterThan(0));
    if (temperature != 1) {
      stages.add(Temperature.stage(temperature));
    }
    int k = options.integer("top-k", 50, 0, MAX);
    if (k > 0) {
      stages.add(TopK.stage(Math.max(k, minKeep), true));
    }
    double p = options.real("top-p", 1, Range.closed(0, 1));
    if (p < 1) {
      stages.add(TopP.stage(Math.max(p, Double.MIN_NORMAL), minKeep));
    }
    double minP = options.real("min-p", 0, Range.closed(0, 1));
    if (minP > 0) {
      stages.add(MinP.stage(minP, minKeep));
    }
    double typical = options.real("typical-p", 1, Range.openClosed(0, 1));
    if (typical < 1) {
      stages.add(Typical.stage(typical, minKeep, true));
    }
    double epsilon = options.real("epsilon-cutoff", 0, Range.closedOpen(0, 1));
    if (epsilon > 0) {
      stages.add(Epsilon.stage(epsilon, minKeep, true));
    }
    double eta = options.real("eta-cutoff", 0, Range.closedOpen(0, 1));
    if (eta > 0) {
      stages.add(Eta.stage(eta, minKeep, true));
    }
  }
}
