package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code dry(multiplier=M,base=B,allowed-length=A)}: don't repeat yourself (p-e-w: "DRY",
 * text-generation-webui, 2024; rule and defaults are llama.cpp's). A token that would continue a
 * run of at least A tokens that appeared before and that the end of the text now repeats loses
 *
 * <pre>M B^(run - A)</pre>
 *
 * where run is the longest such run. M is at least 0 (0 changes nothing), B at least 1 (default
 * 1.75), A at least 1 (default 2).
 *
 * <p>{@code window=N} looks only at the last N tokens, prompt included (default: all). {@code
 * breakers} lists texts or ids that no run reaches across, in the notation of this package: a run
 * counts from after the last breaker, and a token that is a breaker by itself is never penalised.
 * The defaults are line break, colon, quotation mark and asterisk if the binding has a tokenizer,
 * otherwise none; {@code breakers=none} means none. A text breaks wherever the tokens' bytes
 * contain it, even across tokens.
 */
public final class Dry implements SamplerProvider {
  private static final String DEFAULT = "'\n';':';'\"';'*'";

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Dry() {}

  @Override
  public String name() {
    return "dry";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("multiplier", Range.atLeast(0)),
        options.real("base", 1.75, Range.atLeast(1)),
        options.integer("allowed-length", 2, 1, Integer.MAX_VALUE),
        options.integer("window", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
        breakers(options, "breakers"));
  }

  /** Reads the option of this or another stage that lists breakers. */
  static DryBreakers.Source breakers(Options options, String option) {
    if (!options.has(option)) {
      TokenList standard =
          TokenList.of(Options.of(options.stage(), java.util.Map.of(option, DEFAULT)), option);
      return new DryBreakers.Source(standard, true);
    }
    return options.text(option).equals("none")
        ? new DryBreakers.Source(TokenList.NONE, false)
        : new DryBreakers.Source(TokenList.of(options, option), false);
  }

  static SamplerStage stage(
      double multiplier, double base, int allowedLength, int window, DryBreakers.Source breakers) {
    return SamplerStage.named(
        "dry",
        SamplerStage.processor(
            (Binding binding) ->
                new DryPenalty(multiplier, base, allowedLength, window, breakers.of(binding))));
  }
}
