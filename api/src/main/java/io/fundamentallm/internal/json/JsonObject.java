package io.fundamentallm.internal.json;

import io.fundamentallm.internal.files.ReadablePath;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a file such as config.json, with errors that name file and key. A key whose
 * value is null counts as missing, but for {@link #names}. Immutable and thread-safe.
 */
public final class JsonObject {
  /** Configuration files are a few kilobytes, the index of a thousand shards a few megabytes. */
  private static final long LARGEST = 10_000_000;

  /** Values in a file, besides those that its length allows. */
  private static final int FEW_VALUES = 10_000;

  /** Characters for a value in a long file; bounds the tree to a small multiple of the text. */
  private static final int SHORTEST_VALUE = 8;

  private static final String WHOLE_NUMBER = "expected a whole number";

  /** The file, and the key under which this object lies in it where it is not the whole. */
  private final String place;

  /** Of String, BigDecimal, Boolean, List, Map or null. */
  private final Map<String, @Nullable Object> values;

  private JsonObject(String place, Map<String, @Nullable Object> values) {
    this.place = place;
    this.values = values;
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it is missing or malformed; names file and byte offset
   */
  public static JsonObject read(Path file) throws IOException {
    ReadablePath.requireFile(file);
    long size = Files.size(file);
    if (size > LARGEST) {
      throw new IOException(file + ": " + size + " bytes are too many for a configuration");
    }
    try {
      String text = Files.readString(file);
      return text.startsWith("\uFEFF")
          ? parse(text.substring(1), file.toString(), 3)
          : parse(text, file.toString(), 0);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": malformed JSON: it is not UTF-8", e);
    }
  }

  /** Reads a file; an object without keys where there is none. */
  public static JsonObject readIfExists(Path file) throws IOException {
    return Files.exists(file) ? read(file) : empty(file);
  }

  /** Stands for a file that says nothing. */
  public static JsonObject empty(Path file) {
    return of(file, Map.of());
  }

  /**
   * Stands for a file of another format.
   *
   * @param values of String, BigDecimal, Boolean, List, Map or null
   */
  public static JsonObject of(Path file, Map<String, @Nullable Object> values) {
    return new JsonObject(file.toString(), values);
  }

  /** The same, with the default of each key that is missing. A key that is null is not missing. */
  public JsonObject withDefaults(Map<String, @Nullable Object> defaults) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(values);
    defaults.forEach(
        (key, value) -> {
          if (!all.containsKey(key)) {
            all.put(key, value);
          }
        });
    return new JsonObject(place, all);
  }

  private static JsonObject parse(String text, String place, long offset) throws IOException {
    Json json = new Json(text, FEW_VALUES + text.length() / SHORTEST_VALUE);
    try {
      return new JsonObject(place, json.object());
    } catch (IllegalArgumentException e) {
      IOException malformed = malformed(text, json, place, offset, e);
      throw json.at() < text.length()
          ? malformed
          : new IOException(
              malformed.getMessage() + "; the file ends there: copy or download it again", e);
    }
  }

  /** The only entry of an object, in which it may be any value. */
  static JsonObject entry(String place, String key, @Nullable Object value) throws IOException {
    return new JsonObject(place, Collections.singletonMap(key, value)).within(key);
  }

  static IOException malformed(
      String text, Json json, String place, long offset, IllegalArgumentException e) {
    long before = text.chars().limit(json.at()).mapToLong(JsonObject::bytes).sum();
    return new IOException(
        place + ": malformed JSON at byte " + (offset + before) + ": " + e.getMessage(), e);
  }

  /** Of a code unit in UTF-8; surrogates come in pairs. */
  private static int bytes(int unit) {
    return unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate((char) unit) ? 2 : 3;
  }

  /** All keys in the file's order, also those whose value is null. */
  public Set<String> names() {
    return values.keySet();
  }

  /** The values as they were parsed, also those that are null. */
  public Map<String, @Nullable Object> values() {
    return Collections.unmodifiableMap(values);
  }

  /** Whether there is a value other than null. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /** The text of a key; null where it is missing. */
  public @Nullable String text(String key) throws IOException {
    Object value = values.get(key);
    if (value != null && !(value instanceof String)) {
      throw problem(key, "expected a text");
    }
    return (String) value;
  }

  /** The text of a key, or the default where it is missing. */
  public String text(String key, String defaultValue) throws IOException {
    String text = text(key);
    return text == null ? defaultValue : text;
  }

  /** The object of a key; null where it is missing. */
  public @Nullable JsonObject object(String key) throws IOException {
    return has(key) ? within(key) : null;
  }

  /** The object of a key; one without keys where it is missing. */
  @SuppressWarnings("unchecked") // the parser makes no other maps
  public JsonObject within(String key) throws IOException {
    Object value = has(key) ? values.get(key) : Map.of();
    if (!(value instanceof Map<?, ?> map)) {
      throw problem(key, "expected an object");
    }
    return new JsonObject(
        place + ", \"" + Json.shown(key) + "\"", (Map<String, @Nullable Object>) map);
  }

  /** A truth value, or the default where the key is missing. */
  public boolean flag(String key, boolean defaultValue) throws IOException {
    Object value = values.get(key);
    if (value == null) {
      return defaultValue;
    }
    if (!(value instanceof Boolean flag)) {
      throw problem(key, "expected true or false");
    }
    return flag;
  }

  /** A whole number of at least one. */
  public int size(String key) throws IOException {
    requireKey(key);
    int value = wholeNumber(key, values.get(key));
    if (value < 1) {
      throw problem(key, "expected at least 1");
    }
    return value;
  }

  /** A whole number of at least one, or the default where the key is missing. */
  public int size(String key, int defaultValue) throws IOException {
    return has(key) ? size(key) : defaultValue;
  }

  /** The first of these keys that is there, as a whole number of at least one. */
  public OptionalInt firstSize(String... keys) throws IOException {
    for (String key : keys) {
      if (has(key)) {
        return OptionalInt.of(size(key));
      }
    }
    return OptionalInt.empty();
  }

  /** A finite number, or the default where the key is missing. */
  public double real(String key, double defaultValue) throws IOException {
    Object value = values.get(key);
    if (value == null) {
      return defaultValue;
    }
    if (!(value instanceof BigDecimal number) || Double.isInfinite(number.doubleValue())) {
      throw problem(key, "expected a number");
    }
    return number.doubleValue();
  }

  /** A finite number. */
  public double real(String key) throws IOException {
    requireKey(key);
    return real(key, 0);
  }

  /** All numbers of a key: one for a scalar, none where it is missing. */
  public List<Integer> wholeNumbers(String key) throws IOException {
    Object value = values.get(key);
    List<Integer> numbers = new ArrayList<>();
    for (Object element :
        value instanceof List<?> list ? list : value == null ? List.of() : List.of(value)) {
      numbers.add(wholeNumber(key, element));
    }
    return numbers;
  }

  /** All numbers of a list, finite; none where the key is missing. */
  public List<Double> reals(String key) throws IOException {
    Object value = values.get(key);
    List<Double> numbers = new ArrayList<>();
    for (Object element :
        value instanceof List<?> list ? list : value == null ? List.of() : List.of(value)) {
      if (!(element instanceof BigDecimal number) || Double.isInfinite(number.doubleValue())) {
        throw problem(key, "expected a list of numbers");
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  /** All texts of a list; null where the key is missing. */
  public @Nullable List<String> texts(String key) throws IOException {
    Object value = values.get(key);
    if (value == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (Object element : value instanceof List<?> list ? list : List.of(0)) {
      if (!(element instanceof String text)) {
        throw problem(key, "expected a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  private void requireKey(String key) throws IOException {
    if (!has(key)) {
      throw problem("has no \"" + Json.shown(key) + "\"");
    }
  }

  private int wholeNumber(String key, @Nullable Object value) throws IOException {
    // a number like 1e999999 must not be written out as digits
    if (value instanceof BigDecimal number
        && number.precision() - number.scale() <= 10
        && number.scale() <= 400) {
      try {
        return number.intValueExact();
      } catch (ArithmeticException e) {
        throw (IOException) problem(key, WHOLE_NUMBER).initCause(e);
      }
    }
    throw problem(key, WHOLE_NUMBER);
  }

  /**
   * Refuses a setting that this runtime does not implement.
   *
   * @param key what may be missing, or have one of the accepted values
   * @param accepted the values that it implements, written as in JSON
   */
  public void require(String key, String... accepted) throws IOException {
    if (has(key) && !List.of(accepted).contains(shown(values.get(key)))) {
      throw problem(
          key, "which this runtime does not implement; expected " + String.join(" or ", accepted));
    }
  }

  /** Refuses a setting that is there at all, unless it is null, false, or empty. */
  public void refuse(String key) throws IOException {
    Object value = values.get(key);
    boolean nothing =
        value == null
            || value.equals(false)
            || (value instanceof List<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    if (!nothing) {
      throw problem(key, "which this runtime does not implement; expected none");
    }
  }

  /** An error that names the file, the key and its value. */
  public IOException problem(String key, String what) {
    return problem("\"" + Json.shown(key) + "\" is " + shown(values.get(key)) + ", " + what);
  }

  /** An error that names the file. */
  public IOException problem(String what) {
    return new IOException(place + ": " + what);
  }

  private static String shown(@Nullable Object value) {
    if (value instanceof Map) {
      return "{…}";
    }
    if (value instanceof List) {
      return "[…]";
    }
    return Json.shown(String.valueOf(value));
  }
}
