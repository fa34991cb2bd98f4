package io.fundamentallm.commandline;

import io.fundamentallm.Decoders;
import io.fundamentallm.ProviderException;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line's settings for generating; the others come from the model's files. */
final class DecodingArguments {
  private static final String SAMPLER = "--sampler";

  @Option(
      names = SAMPLER,
      paramLabel = "SPEC",
      description = "How tokens are chosen, such as temperature=0.8,top-p=0.9 or greedy.")
  @Nullable String sampler;

  @Option(
      names = "--decoder",
      paramLabel = "SPEC",
      description = "How the model is driven: sampling, beam(width=4), speculative, …")
  @Nullable String decoder;

  @Option(names = "--seed", paramLabel = "N", description = "Same seed, same text.")
  @Nullable Long seed;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "The most to generate; by default what the model's files say, or 256.")
  @Nullable Integer maxTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the text; may be repeated.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  String[] stops = {};

  @Option(
      names = "--when-full",
      paramLabel = "WHAT",
      description =
          "When the context is full: stop ends the text; forget drops its oldest part, and reads the"
              + " rest again; sinks keeps the first four tokens, and drops the older half of the"
              + " others without reading again; error fails.")
  WhenFull whenFull = WhenFull.STOP;

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec; // by picocli

  /** What happens when the text outgrows the context. */
  enum WhenFull {
    /** End the text. */
    STOP,
    /** Drop the oldest part, and read the rest again. */
    FORGET,
    /** Keep the first four tokens, and drop what follows them without reading anything again. */
    SINKS,
    /** Fail. */
    ERROR;

    ContextPolicy policy() {
      return switch (this) {
        case STOP -> ContextPolicy.stop();
        case FORGET -> ContextPolicy.truncateLeft();
        case SINKS -> ContextPolicy.attentionSinks(4);
        case ERROR -> ContextPolicy.error();
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Refuses a wrong command line before a large model is loaded. */
  void check() {
    CommandSpec command = spec;
    if (command == null) {
      return;
    }
    String asked = sampler;
    if (asked != null) {
      Subcommand.parsed(command, () -> Samplers.parse(asked));
    }
    String driven = decoder;
    if (driven != null) {
      Subcommand.parsed(command, () -> Decoders.parse(driven));
    }
    Integer max = maxTokens;
    DecodingOptions.Builder options = DecodingOptions.builder();
    Subcommand.parsed(command, () -> options.stopStrings(List.of(stops)));
    if (max != null) {
      Subcommand.parsed(
          command,
          () -> {
            try {
              return options.maxNewTokens(max);
            } catch (IllegalArgumentException e) {
              throw Wording.refused("--max-tokens", e);
            }
          });
    }
  }

  /**
   * Unknown options that name what a sampler does, such as {@code --temperature 0.7}, as a
   * sampler's spec; empty where none does, or the command chooses no tokens.
   */
  static String sampler(CommandSpec command, List<String> unknown) {
    StringJoiner spec = new StringJoiner(",");
    for (int i = 0; i < unknown.size() && command.optionsMap().containsKey(SAMPLER); i++) {
      String option = unknown.get(i);
      boolean apart = i + 1 < unknown.size() && !unknown.get(i + 1).startsWith("--");
      String value = apart && !option.contains("=") ? "=" + unknown.get(i + 1) : "";
      String stage = option.startsWith("--") ? option.substring(2) + value : "";
      try {
        if (!stage.isEmpty()) {
          Samplers.parse(stage);
          spec.add(stage);
        }
      } catch (IllegalArgumentException | ProviderException e) {
        // an option of something else
      }
    }
    return spec.toString();
  }

  /** What a reader should know about a text that ended because the context is full. */
  static String contextFull(TextGenerator generator) {
    return "(the context of "
        + generator.model().info().contextLength()
        + " tokens is full; --when-full=forget writes on)";
  }

  TextGenerator applyTo(TextGenerator generator) {
    TextGenerator result =
        generator.with(options -> options.contextPolicy(whenFull.policy())).withStops(stops);
    if (sampler != null) {
      result = result.withSampler(sampler);
    }
    if (decoder != null) {
      result = result.withDecoder(decoder);
    }
    if (seed != null) {
      result = result.withSeed(seed);
    }
    return maxTokens == null ? result : result.withMaxNewTokens(maxTokens);
  }
}
