package io.fundamentallm.benchmarks.rotation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A command line of {@code key=value}, lists with commas. Immutable. */
public final class Arguments {
  private final Map<String, String> values;

  private Arguments(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a command line.
   *
   * @param defaults all keys that there are
   * @throws IllegalArgumentException for another key
   */
  public static Arguments of(String[] commandLine, Map<String, String> defaults) {
    Map<String, String> values = new LinkedHashMap<>(defaults);
    for (String argument : commandLine) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2 || values.replace(pair[0], pair[1]) == null) {
        throw new IllegalArgumentException(argument + " is none of " + values);
      }
    }
    return new Arguments(values);
  }

  /** A text. */
  public String text(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is none of " + values.keySet());
    }
    return value;
  }

  /** A list, in its order. */
  public List<String> list(String key) {
    return Arrays.asList(text(key).split(",", -1));
  }

  /** A whole number. */
  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  /** A number. */
  public double real(String key) {
    return Double.parseDouble(text(key));
  }
}
