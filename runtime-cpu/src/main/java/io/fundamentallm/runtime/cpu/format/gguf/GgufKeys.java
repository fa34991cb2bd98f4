package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.gguf.GgufMetadata.Array;
import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a GGUF file. Errors name file and key. Remembers which settings of the
 * architecture were asked for. One thread at a time.
 */
final class GgufKeys {
  private final Path file;

  /** Each value is a Long, Double, Boolean, String or Array. */
  private final Map<String, Object> values;

  private final Set<String> asked = new HashSet<>();

  GgufKeys(Path file, Map<String, Object> values) {
    this.file = file;
    this.values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  private @Nullable Object value(String key) {
    asked.add(key);
    return values.get(key);
  }

  boolean has(String key) {
    return value(key) != null;
  }

  /** A text; empty if the key is missing. */
  String text(String key) throws IOException {
    Object value = value(key);
    if (value == null) {
      return "";
    }
    if (!(value instanceof String text)) {
      throw problem(key, "expected a text");
    }
    return text;
  }

  boolean flag(String key) throws IOException {
    requireKey(key);
    return flag(key, false);
  }

  boolean flag(String key, boolean defaultValue) throws IOException {
    Object value = value(key);
    if (value == null) {
      return defaultValue;
    }
    if (!(value instanceof Boolean flag)) {
      throw problem(key, "expected true or false");
    }
    return flag;
  }

  /** A whole number of at least one; an array with one for each layer must have equal numbers. */
  int size(String key) throws IOException {
    double number = real(key);
    if (number != Math.rint(number) || number < 1 || number > Integer.MAX_VALUE) {
      throw problem(key, "expected a whole number from 1 to 2^31 - 1");
    }
    return (int) number;
  }

  int size(String key, int defaultValue) throws IOException {
    return has(key) ? size(key) : defaultValue;
  }

  double real(String key) throws IOException {
    requireKey(key);
    return number(key);
  }

  private void requireKey(String key) throws IOException {
    if (!has(key)) {
      throw new IOException(file + ": has no \"" + key + "\"");
    }
  }

  double real(String key, double defaultValue) throws IOException {
    return has(key) ? number(key) : defaultValue;
  }

  private double number(String key) throws IOException {
    Object value = value(key);
    double number = Double.NaN;
    if (value instanceof Number scalar) {
      number = scalar.doubleValue();
    } else if (value instanceof Array array && array.numbers().length > 0) {
      number = array.numbers()[0];
      for (double other : array.numbers()) {
        if (other != number) {
          throw problem(
              key, "which differs between layers; this runtime implements equal layers only");
        }
      }
    }
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw problem(key, "expected a number");
    }
    return number;
  }

  /** The length of an array; -1 if the key is missing. */
  long length(String key) throws IOException {
    Object value = value(key);
    if (value == null) {
      return -1;
    }
    if (!(value instanceof Array array)) {
      throw problem(key, "expected an array");
    }
    return array.length();
  }

  /** Refuses a setting unless it is missing or has the value that changes nothing. */
  void require(String key, double neutral) throws IOException {
    if (has(key) && number(key) != neutral) {
      throw problem(key, "which this runtime does not implement; expected " + neutral);
    }
  }

  /** Refuses settings of the architecture that nobody asked for: they would be ignored. */
  void requireAllAsked(String prefix) throws IOException {
    for (String key : values.keySet()) {
      if (key.startsWith(prefix) && !asked.contains(key)) {
        throw problem(key, "a setting that this runtime does not implement");
      }
    }
  }

  /** An error that names the file, the key and its value. */
  IOException problem(String key, String what) {
    Object value = values.get(key);
    String shown = value instanceof Array array ? "an array of " + array.length() : "" + value;
    return new IOException(file + ": \"" + key + "\" is " + Json.shown(shown) + ", " + what);
  }

  /** An error that names the file. */
  IOException problem(String what) {
    return new IOException(file + ": " + what);
  }
}
