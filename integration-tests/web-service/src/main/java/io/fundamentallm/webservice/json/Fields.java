package io.fundamentallm.webservice.json;

import io.fundamentallm.internal.json.Excerpt;
import io.fundamentallm.spi.NearestName;
import io.fundamentallm.webservice.error.ApiException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a JSON object in a request. Each is read by name and checked; at the end, fields
 * that nobody read are refused, so that no request is silently ignored. A field that is null counts
 * as absent. One thread at a time.
 */
public final class Fields {
  /** Chars of a name that nobody knows, in the message. */
  private static final int LONGEST_NAME = 64;

  private final JsonNode object;
  private final String path;
  private final Set<String> read = new HashSet<>();

  /**
   * The fields of an object.
   *
   * @param path of the object in the request, ending in a dot; empty for the request itself
   */
  public Fields(JsonNode object, String path) {
    if (!object.isObject()) {
      throw ApiException.invalid(
          path.isEmpty() ? null : path.substring(0, path.length() - 1),
          (path.isEmpty() ? "the request" : "'" + path.substring(0, path.length() - 1) + "'")
              + " must be a JSON object");
    }
    this.object = object;
    this.path = path;
  }

  /** Whether the field is there. */
  boolean has(String name) {
    return value(name) != null;
  }

  /** Any value. */
  public @Nullable JsonNode value(String name) {
    read.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  public @Nullable String text(String name) {
    JsonNode value = value(name);
    if (value != null && !value.isString()) {
      throw bad(name, "must be a string");
    }
    return value == null ? null : value.stringValue();
  }

  public boolean flag(String name) {
    JsonNode value = value(name);
    if (value != null && !value.isBoolean()) {
      throw bad(name, "must be true or false");
    }
    return value != null && value.booleanValue();
  }

  public @Nullable Long integer(String name, long min, long max) {
    JsonNode value = value(name);
    if (value == null) {
      return null;
    }
    Long whole = whole(value, min, max);
    if (whole == null) {
      throw bad(name, "must be a whole number from " + min + " to " + max);
    }
    return whole;
  }

  /**
   * A number if it is a whole one within these bounds; else null. JSON has one kind of numbers: 16
   * and 16.0 are the same.
   */
  public static @Nullable Long whole(JsonNode value, long min, long max) {
    if (!value.isNumber()) {
      return null;
    }
    BigDecimal number = value.decimalValue();
    // before anything that would write out what a vast exponent means
    if (number.compareTo(BigDecimal.valueOf(min)) < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0) {
      return null;
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      return null; // it has a fraction
    }
  }

  public int integer(String name, int min, int max, int absent) {
    Long value = integer(name, min, max);
    return value == null ? absent : value.intValue();
  }

  public @Nullable Double real(String name, double min, double max) {
    JsonNode value = value(name);
    if (value == null) {
      return null;
    }
    double number = value.isNumber() ? value.doubleValue(Double.NaN) : Double.NaN;
    if (!(number >= min && number <= max)) {
      throw bad(name, "must be a number from " + shown(min) + " to " + shown(max));
    }
    return number;
  }

  /** The fields of an inner object. */
  public @Nullable Fields inner(String name) {
    JsonNode value = value(name);
    return value == null ? null : new Fields(value, path + name + ".");
  }

  /** The fields of an object in an array. */
  public Fields element(String name, int index) {
    return new Fields(object.get(name).get(index), path + name + "[" + index + "].");
  }

  /** A text, or several of them. */
  public List<String> texts(String name, int max) {
    JsonNode value = value(name);
    if (value == null) {
      return List.of();
    }
    if (value.isString()) {
      return List.of(value.stringValue());
    }
    if (!value.isArray() || value.size() > max) {
      throw bad(name, "must be a string or an array of up to " + max + " strings");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : value) {
      if (!text.isString()) {
        throw bad(name, "must be a string or an array of up to " + max + " strings");
      }
      texts.add(text.stringValue());
    }
    return texts;
  }

  /** Refuses a text that is not one of these. */
  public void oneOf(String name, String... allowed) {
    String text = text(name);
    if (text != null && !List.of(allowed).contains(text)) {
      throw bad(name, "must be " + String.join(" or ", allowed) + ", or left out");
    }
  }

  /** Refuses an array that is not empty. */
  public void empty(String name, String reason) {
    JsonNode value = value(name);
    if (value != null && !(value.isArray() && value.isEmpty())) {
      throw bad(name, "must be an empty array, or left out: " + reason);
    }
  }

  /**
   * Refuses a text with half a surrogate pair, which is not a character.
   *
   * @throws ApiException that names the field and the index in UTF-16
   */
  public void requireWhole(String name, String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        throw bad(name, "has half a surrogate pair, which is no character, at index " + i);
      }
    }
  }

  /**
   * Refuses what was not read.
   *
   * @throws ApiException that names the first such field
   */
  public void requireAllRead() {
    for (String name : object.propertyNames()) {
      if (!read.contains(name) && !object.path(name).isNull()) {
        String shown = Excerpt.of(name, LONGEST_NAME);
        String meant =
            NearestName.of(shown, read)
                .map(other -> ". Did you mean '" + path + other + "'?")
                .orElse("");
        throw ApiException.invalid(
            path + shown,
            "unsupported_parameter",
            "'" + path + shown + "' is not supported here; leave it out" + meant);
      }
    }
  }

  /** The error of a field. */
  public ApiException bad(String name, String expected) {
    return ApiException.invalid(path + name, "'" + path + name + "' " + expected);
  }

  private static String shown(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
