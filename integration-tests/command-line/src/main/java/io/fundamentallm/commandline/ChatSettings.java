package io.fundamentallm.commandline;

import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;

/** How a chat generates and shows its answers; changed by lines such as {@code /seed 7}. */
final class ChatSettings {
  private static final String HELP =
      """
      /set sampler=SPEC      how tokens are chosen, such as temperature=0.8,top-p=0.9
      /set decoder=SPEC      how the model is driven, such as beam(width=4)
      /set max-tokens=N      the most tokens of an answer
      /seed N                same seed, same answer
      /show surprisal        colour each token by how surprising it was, green to red
      /hide surprisal        plain text again
      /reset                 forget what was said
      /quit                  end\
      """;

  private final boolean coloured;
  private TextGenerator generator;
  private boolean surprisal;

  /**
   * The settings of the command line.
   *
   * @param coloured whether there are colours to show surprisal with
   */
  ChatSettings(TextGenerator generator, boolean coloured) {
    this.generator = generator;
    this.coloured = coloured;
  }

  TextGenerator generator() {
    // requests each token's log-probability, and no alternatives
    return surprisal ? generator.with(options -> options.alternatives(0)) : generator;
  }

  boolean showsSurprisal() {
    return surprisal;
  }

  /** Does what a line says, if it can; returns the reply. */
  String change(String line) {
    String[] words = line.split("\\s+", 2);
    String rest = words.length > 1 ? words[1] : "";
    try {
      return switch (words[0]) {
        case "/help" -> HELP;
        case "/set" -> set(rest);
        case "/seed" -> seed(rest);
        case "/show", "/hide" -> show(words[0], rest);
        default -> "(no command " + words[0] + "; /help lists them)";
      };
    } catch (NumberFormatException e) {
      return "(" + rest + ": expected a whole number)";
    } catch (IllegalArgumentException | ProviderException e) {
      return "(" + Failures.oneLine(e) + ")";
    }
  }

  private String set(String setting) {
    int equals = setting.indexOf('=');
    String name = equals < 0 ? setting : setting.substring(0, equals).strip();
    String value = equals < 0 ? "" : setting.substring(equals + 1).strip();
    switch (name) {
      case "sampler" -> generator = generator.withSampler(value);
      case "decoder" -> generator = generator.withDecoder(value);
      case "max-tokens" -> generator = generator.withMaxNewTokens(Integer.parseInt(value));
      default -> {
        return "(" + name + " cannot be set; sampler, decoder and max-tokens can)";
      }
    }
    return "(" + name + " " + value + ")";
  }

  private String seed(String number) {
    generator = generator.withSeed(Long.parseLong(number));
    return "(seed " + number + ")";
  }

  private String show(String command, String what) {
    if (!what.equals("surprisal")) {
      return "(" + command + " " + what + ": expected " + command + " surprisal)";
    }
    surprisal = command.equals("/show");
    String how = coloured ? SurprisalColour.LEGEND : "a mean after each answer";
    return surprisal ? "(" + how + ")" : "(plain text)";
  }
}
