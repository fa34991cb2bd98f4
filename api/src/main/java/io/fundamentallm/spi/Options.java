package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The options of one stage of a spec. {@code top-k=50} is short for {@code top-k(value=50)}.
 *
 * <p>Numbers are in decimal notation. Every getter throws an {@link IllegalArgumentException} that
 * names the stage, the option and what is accepted. {@link #requireAllUsed()}, which the lookup
 * calls after {@code create}, reports options that no getter asked for as unknown. One thread at a
 * time.
 */
public final class Options {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private final String kind;
  private final String stage;
  private final Map<String, String> values;
  private final TreeSet<String> known = new TreeSet<>();

  private Options(String kind, String stage, Map<String, String> values) {
    this.kind = kind;
    this.stage = stage;
    this.values = values;
  }

  /**
   * Options of the stage with this name.
   *
   * @param values option names and their text
   */
  public static Options of(String stage, Map<String, String> values) {
    return of("stage", stage, values);
  }

  /**
   * Options of the part with this name.
   *
   * @param kind what error messages call it, such as {@code runtime}
   * @param values option names and their text
   */
  public static Options of(String kind, String name, Map<String, String> values) {
    return new Options(
        requireNonNull(kind, "kind"), requireNonNull(name, "name"), new LinkedHashMap<>(values));
  }

  /** The name of the stage, for error messages. */
  public String stage() {
    return stage;
  }

  /** Whether the option was given. Counts as asking for it. */
  public boolean has(String option) {
    known.add(option);
    return values.containsKey(option);
  }

  /** A required real number. */
  public double real(String option, Range accepted) {
    String text = get(option);
    if (text == null) {
      throw missing(option, "a number in " + accepted);
    }
    return real(option, text, accepted);
  }

  /** A real number, or the default if the option is not given. */
  public double real(String option, double defaultValue, Range accepted) {
    String text = get(option);
    return text == null ? defaultValue : real(option, text, accepted);
  }

  /** A required integer in {@code [minimum, maximum]}. */
  public int integer(String option, int minimum, int maximum) {
    String text = get(option);
    if (text == null) {
      throw missing(option, wholeNumber(minimum, maximum));
    }
    return integer(option, text, minimum, maximum);
  }

  /** An integer in {@code [minimum, maximum]}, or the default if the option is not given. */
  public int integer(String option, int defaultValue, int minimum, int maximum) {
    String text = get(option);
    return text == null ? defaultValue : integer(option, text, minimum, maximum);
  }

  /** {@code true} or {@code false}, or the default if the option is not given. */
  public boolean flag(String option, boolean defaultValue) {
    String text = get(option);
    if (text == null) {
      return defaultValue;
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(option, text, "true or false");
    };
  }

  /** A required text. */
  public String text(String option) {
    String text = get(option);
    if (text == null) {
      throw missing(option, "a text");
    }
    return text;
  }

  /** A text, or the default if the option is not given. */
  public String text(String option, String defaultValue) {
    String text = get(option);
    return text == null ? defaultValue : text;
  }

  /** One of the given words, or the default if the option is not given. */
  public String choice(String option, String defaultValue, Collection<String> accepted) {
    String text = get(option);
    if (text == null) {
      return defaultValue;
    }
    if (!accepted.contains(text)) {
      throw bad(option, text, "one of " + String.join(", ", accepted));
    }
    return text;
  }

  /** An error for a value of this option that the stage itself rejects. */
  public IllegalArgumentException bad(String option, String text, String accepted) {
    return new IllegalArgumentException(
        named() + ", " + name(option) + ": \"" + text + "\" is not " + accepted);
  }

  /**
   * Called after the stage has read the options it knows.
   *
   * @throws IllegalArgumentException naming an option that no getter asked for
   */
  public void requireAllUsed() {
    for (String option : values.keySet()) {
      if (!known.contains(option)) {
        String accepted =
            known.isEmpty() ? "it takes no options" : "it takes: " + String.join(", ", known);
        throw new IllegalArgumentException(named() + " has no " + name(option) + "; " + accepted);
      }
    }
  }

  private @Nullable String get(String option) {
    known.add(option);
    return values.get(option);
  }

  private double real(String option, String text, Range accepted) {
    double value;
    try {
      value = decimal(text);
    } catch (NumberFormatException e) {
      throw bad(option, text, "a number in " + accepted);
    }
    if (!accepted.contains(value)) {
      throw bad(option, text, "in " + accepted);
    }
    return value;
  }

  private int integer(String option, String text, int minimum, int maximum) {
    try {
      int value = Integer.parseInt(text); // accepts digits of other scripts too
      if (DECIMAL.matcher(text).matches() && value >= minimum && value <= maximum) {
        return value;
      }
    } catch (NumberFormatException e) {
      // handled below, like a number out of range
    }
    throw bad(option, text, wholeNumber(minimum, maximum));
  }

  /**
   * A number in decimal notation, such as {@code 0.9}, {@code -2} or {@code 1e-4}; for the parts of
   * an option's text that the stage itself reads.
   *
   * @throws NumberFormatException for any other notation, such as Java's own {@code 1d}, {@code
   *     0x1p-1} and {@code NaN}
   */
  public static double decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new NumberFormatException("\"" + text + "\" is not a decimal number");
    }
    return Double.parseDouble(text);
  }

  private static String wholeNumber(int minimum, int maximum) {
    return "a whole number "
        + (maximum == Integer.MAX_VALUE
            ? "of at least " + minimum
            : "in [" + minimum + ", " + maximum + "]");
  }

  /** Tells the options that were given, too: one of them may be this one, misspelt. */
  private IllegalArgumentException missing(String option, String expected) {
    String needed =
        option.equals("value")
            ? named() + " needs a value: write " + stage + "=… with " + expected
            : named() + " needs " + name(option) + ": " + expected;
    List<String> others = values.keySet().stream().filter(o -> !known.contains(o)).toList();
    Optional<String> meant = NearestName.of(option, others);
    return new IllegalArgumentException(
        meant.isPresent()
            ? needed + ". Did you mean it by \"" + meant.get() + "\"?"
            : others.isEmpty() ? needed : needed + "; given: " + String.join(", ", others));
  }

  private String named() {
    return kind + " \"" + stage + "\"";
  }

  private static String name(String option) {
    return option.equals("value") ? "value" : "option \"" + option + "\"";
  }
}
