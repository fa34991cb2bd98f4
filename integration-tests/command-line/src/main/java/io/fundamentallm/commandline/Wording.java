package io.fundamentallm.commandline;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the library says to programmers, in the words of the program's options. */
final class Wording {
  /** A property's name and its value. */
  private static final Pattern PROPERTY = Pattern.compile("[a-zA-Z ]+ (-?[0-9.]+ .*)");

  private static final Map<String, String> PHRASES =
      Map.ofEntries(
          Map.entry(
              "or say that files there may be replaced, with overwrite",
              "or add --overwrite to replace files there"),
          Map.entry(
              "or choose a ContextPolicy that does",
              "or drop what is too much with --when-full=forget"),
          Map.entry(
              "lower maxNewTokens, or choose a ContextPolicy",
              "lower --max-tokens, or write on with --when-full=forget"),
          Map.entry("continue from it with resume", "continue from it with --resume"),
          Map.entry(
              "or name as changed what is to differ: ", "or name what is to differ: --changed="),
          Map.entry("already, and the plan ", "already, and the command line says "),
          Map.entry("with the windows packed(long=skip)", "with --windows='packed(long=skip)'"),
          Map.entry(
              "or its end, with packed(long=cut)",
              "or its end, with --windows='packed(long=cut)'"));

  private Wording() {}

  /** The message, without names that only Java programs know. */
  static String ofOptions(String message) {
    String text = message;
    for (Map.Entry<String, String> phrase : PHRASES.entrySet()) {
      text = text.replace(phrase.getKey(), phrase.getValue());
    }
    return text.replaceAll("\\bcontextLength\\b", "--context-length")
        .replaceAll("' is not an? (double|float)$", "' is not a number, such as 0.001")
        .replaceAll("' is not an? (int|long)$", "' is not a whole number, such as 8");
  }

  /** The refusal of an option's value, which names the property that was to have it. */
  static IllegalArgumentException refused(String option, IllegalArgumentException refusal) {
    String message = Objects.requireNonNullElse(refusal.getMessage(), refusal.toString());
    Matcher property = PROPERTY.matcher(message);
    return new IllegalArgumentException(
        property.matches() ? option + " " + property.group(1) : option + ": " + message, refusal);
  }
}
