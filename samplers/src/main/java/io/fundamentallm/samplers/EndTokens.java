package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.spi.Options;
import org.jspecify.annotations.Nullable;

/** The end tokens that a stage uses: those of an option, otherwise the model's own. */
final class EndTokens {
  private final String stage;
  private final String option;
  private final @Nullable TokenList given;

  private EndTokens(String stage, String option, @Nullable TokenList given) {
    this.stage = stage;
    this.option = option;
    this.given = given;
  }

  /** Reads the option {@code tokens}. */
  static EndTokens of(Options options) {
    return of(options, "tokens");
  }

  /** Reads the option of that name. */
  static EndTokens of(Options options, String option) {
    return new EndTokens(
        options.stage(), option, options.has(option) ? TokenList.of(options, option) : null);
  }

  /**
   * Their ids.
   *
   * @throws IllegalStateException if neither the spec nor the model names one
   */
  int[] of(Binding binding) {
    if (given != null) {
      return given.tokens(binding);
    }
    int[] tokens =
        binding.model().endTokens().stream().mapToInt(Integer::intValue).sorted().toArray();
    if (tokens.length == 0) {
      throw new IllegalStateException(
          "stage \""
              + stage
              + "\" needs the option \""
              + option
              + "\": the model names no end token of its own");
    }
    return tokens;
  }
}
