package io.fundamentallm.samplers;

import com.google.common.collect.ImmutableMap;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code llama.cpp(temperature=0.7,top-k=20)}: the samplers of llama.cpp, in its order, with its
 * defaults and edge rules. Options are its parameters, written with hyphens:
 *
 * <pre>
 * logit-bias; then in the order of samplers:
 * penalties    repeat-penalty (1), frequency-penalty (0), presence-penalty (0) over the
 *              repeat-last-n (64) tokens, prompt included; 0: none, -1: all
 * dry          dry-multiplier (0), dry-base (1.75), dry-allowed-length (2),
 *              dry-penalty-last-n (-1), dry-sequence-breakers
 * top_n_sigma  top-n-sigma (-1: off)
 * top_k        top-k (40; 0: off)
 * typ_p        typical (1)
 * top_p        top-p (0.95)
 * min_p        min-p (0.05)
 * xtc          xtc-probability (0), xtc-threshold (0.1)
 * temperature  temperature (0.8), dynatemp-range (0), dynatemp-exponent (1)
 * </pre>
 *
 * <p>{@code samplers} gives another order, such as {@code samplers=top_k;temperature}. {@code
 * mirostat} 1 or 2 (0: off; {@code mirostat-tau} 5, {@code mirostat-eta} 0.1) replaces all of them
 * except bias and temperature. {@code min-keep} (0) is a lower bound for typ_p, top_p, min_p and
 * xtc.
 *
 * <p>Edge rules: a temperature of 0 or less takes the best token; top-p 0 keeps one token and 1 is
 * off; min-p above 1 keeps the best token; if several tokens are equally least likely, XTC keeps
 * one.
 */
public final class LlamaCpp implements SamplerProvider {
  private static final int MAX = Integer.MAX_VALUE;
  private static final String ORDER =
      "penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature";

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public LlamaCpp() {}

  @Override
  public String name() {
    return "llama.cpp";
  }

  @Override
  public SamplerStage create(Options options) {
    List<SamplerStage> stages = new ArrayList<>();
    if (options.has("logit-bias")) {
      stages.add(LogitBias.stage(TokenList.weighted(options, "logit-bias")));
    }
    // all are read, so that mistakes are found even in what the order leaves out
    ImmutableMap<String, List<SamplerStage>> named =
        ImmutableMap.<String, List<SamplerStage>>builder()
            .put("penalties", penalties(options))
            .put("dry", dry(options))
            .put("top_n_sigma", sigma(options))
            .put("top_k", topK(options))
            .put("typ_p", typical(options))
            .put("top_p", topP(options))
            .put("min_p", minP(options))
            .put("xtc", xtc(options))
            .put("temperature", List.of(temperature(options)))
            .buildOrThrow();
    String order = options.text("samplers", ORDER);
    int mirostat = options.integer("mirostat", 0, 0, 2);
    double tau = options.real("mirostat-tau", 5, Range.greaterThan(0));
    double eta = options.real("mirostat-eta", 0.1, Range.atLeast(0));
    if (mirostat > 0) {
      stages.add(temperature(options));
      stages.add(Mirostat.stage(mirostat, tau, eta, 100));
      return SamplerStage.chain(stages);
    }
    for (String name : order.split(";", -1)) {
      List<SamplerStage> stage = named.get(name);
      if (stage == null) {
        throw options.bad("samplers", order, "a list of these, divided by \";\": " + ORDER);
      }
      stages.addAll(stage);
    }
    return SamplerStage.chain(stages);
  }

  private static List<SamplerStage> penalties(Options options) {
    double repeat = options.real("repeat-penalty", 1, Range.greaterThan(0));
    double frequency = options.real("frequency-penalty", 0, OccurrencePenalty.ANY);
    double presence = options.real("presence-penalty", 0, OccurrencePenalty.ANY);
    int lastN = options.integer("repeat-last-n", 64, -1, MAX);
    List<SamplerStage> stages = new ArrayList<>();
    if (lastN == 0) {
      return stages;
    }
    Occurrences.Window window = new Occurrences.Window(lastN < 0 ? MAX : lastN, true);
    if (repeat != 1) {
      stages.add(RepetitionPenalty.stage(repeat, window));
    }
    if (frequency != 0) {
      stages.add(FrequencyPenalty.stage(frequency, window));
    }
    if (presence != 0) {
      stages.add(PresencePenalty.stage(presence, window));
    }
    return stages;
  }

  private static List<SamplerStage> dry(Options options) {
    double multiplier = options.real("dry-multiplier", 0, Range.atLeast(0));
    double base = options.real("dry-base", 1.75, Range.atLeast(1));
    int allowed = options.integer("dry-allowed-length", 2, 1, MAX);
    int lastN = options.integer("dry-penalty-last-n", -1, -1, MAX);
    DryBreakers.Source breakers = Dry.breakers(options, "dry-sequence-breakers");
    return multiplier == 0 || lastN == 0
        ? List.of()
        : List.of(Dry.stage(multiplier, base, allowed, lastN < 0 ? MAX : lastN, breakers));
  }

  private static List<SamplerStage> sigma(Options options) {
    double n = options.real("top-n-sigma", -1, OccurrencePenalty.ANY);
    return n <= 0 ? List.of() : List.of(TopNSigma.stage(n));
  }

  private static List<SamplerStage> topK(Options options) {
    int k = options.integer("top-k", 40, Integer.MIN_VALUE, MAX);
    return k <= 0 ? List.of() : List.of(TopK.stage(k, false));
  }

  private static List<SamplerStage> typical(Options options) {
    double p = options.real("typical", 1, Range.atLeast(0));
    return p >= 1
        ? List.of()
        : List.of(Typical.stage(Math.max(p, Double.MIN_NORMAL), minKeep(options), false));
  }

  private static List<SamplerStage> topP(Options options) {
    double p = options.real("top-p", 0.95, Range.atLeast(0));
    return p >= 1
        ? List.of()
        : List.of(TopP.stage(Math.max(p, Double.MIN_NORMAL), minKeep(options)));
  }

  private static List<SamplerStage> minP(Options options) {
    double p = options.real("min-p", 0.05, Range.atLeast(0));
    if (p == 0) {
      return List.of();
    }
    int minKeep = minKeep(options);
    return List.of(p > 1 ? TopK.stage(minKeep, false) : MinP.stage(p, minKeep));
  }

  private static List<SamplerStage> xtc(Options options) {
    double probability = options.real("xtc-probability", 0, Range.closed(0, 1));
    double threshold = options.real("xtc-threshold", 0.1, Range.atLeast(0));
    return probability == 0 || threshold > 0.5
        ? List.of()
        : List.of(
            Xtc.stage(
                probability,
                Math.max(threshold, Double.MIN_NORMAL),
                minKeep(options),
                false,
                TokenList.NONE));
  }

  private static SamplerStage temperature(Options options) {
    double temperature = Math.max(0, options.real("temperature", 0.8, OccurrencePenalty.ANY));
    double range = options.real("dynatemp-range", 0, Range.atLeast(0));
    double exponent = options.real("dynatemp-exponent", 1, Range.greaterThan(0));
    return range > 0
        ? DynamicTemperature.stage(temperature, range, exponent)
        : Temperature.stage(temperature);
  }

  private static int minKeep(Options options) {
    return Math.max(1, options.integer("min-keep", 0, 0, MAX));
  }
}
