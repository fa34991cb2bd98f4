package io.fundamentallm.runtime.cpu.format.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a file such as config.json, with errors that name file and key. A key whose
 * value is null counts as missing, but for {@link #names}. Immutable and thread-safe.
 */
public final class JsonObject {
  /** Configuration files are a few kilobytes, the index of a thousand shards a few megabytes. */
  private static final long LARGEST = 10_000_000;

  public static final JsonObject EMPTY = new JsonObject("");

  /** The file, and the key under which this object lies in it where it is not the whole. */
  private final String place;

  /** Of String, BigDecimal, Boolean, List, JsonObject or null. */
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  private JsonObject(String place) {
    this.place = place;
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it is missing or malformed; names file and byte offset
   */
  public static JsonObject read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IOException(
          file + ": " + Files.size(file) + " bytes are too many for a configuration");
    }
    try (JsonParser parser = JsonFormat.FACTORY.createParser(Files.readAllBytes(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(file + ": expected a JSON object at byte 0");
      }
      JsonObject whole = object(parser, file.toString());
      if (parser.nextToken() != null) {
        throw new IOException(
            file
                + ": more than one JSON object, at byte "
                + parser.currentLocation().getByteOffset());
      }
      return whole;
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new IOException(
          file + ": malformed JSON at byte " + at + ": " + e.getOriginalMessage(), e);
    } catch (CharConversionException e) {
      throw new IOException(file + ": malformed JSON: " + e.getMessage(), e);
    }
  }

  /** The parser ends nesting that is too deep for this recursion. */
  private static JsonObject object(JsonParser parser, String place) throws IOException {
    JsonObject object = new JsonObject(place);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      object.values.put(key, value(parser, place + ", \"" + key + "\""));
    }
    return object;
  }

  private static @Nullable Object value(JsonParser parser, String place) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, place);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser, place));
        }
        yield list;
      }
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new BigDecimal(parser.getText());
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  /** Writes all fields but some into an object that was begun. */
  public void writeTo(JsonGenerator json, Set<String> without) throws IOException {
    for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
      if (!without.contains(entry.getKey())) {
        json.writeFieldName(entry.getKey());
        write(json, entry.getValue());
      }
    }
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value instanceof JsonObject object) {
      json.writeStartObject();
      object.writeTo(json, Set.of());
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }

  /** All keys, also those whose value is null. */
  public Set<String> names() {
    return values.keySet();
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

  /** The object of a key; null where it is missing. */
  public @Nullable JsonObject object(String key) throws IOException {
    Object value = values.get(key);
    if (value != null && !(value instanceof JsonObject)) {
      throw problem(key, "expected an object");
    }
    return (JsonObject) value;
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
    if (!has(key)) {
      throw new IOException(place + ": has no \"" + key + "\"");
    }
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
    if (!has(key)) {
      throw new IOException(place + ": has no \"" + key + "\"");
    }
    return real(key, 0);
  }

  /** All numbers of a key: one for a scalar, none where it is missing. */
  public List<Integer> wholeNumbers(String key) throws IOException {
    Object value = values.get(key);
    List<Integer> numbers = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        numbers.add(wholeNumber(key, element));
      }
    } else if (value != null) {
      numbers.add(wholeNumber(key, value));
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

  private int wholeNumber(String key, @Nullable Object value) throws IOException {
    // a number like 1e999999 must not be written out as digits
    if (value instanceof BigDecimal number
        && number.precision() - number.scale() <= 10
        && number.scale() <= 400) {
      try {
        return number.intValueExact();
      } catch (ArithmeticException e) {
        throw (IOException) problem(key, "expected a whole number").initCause(e);
      }
    }
    throw problem(key, "expected a whole number");
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
            || (value instanceof JsonObject object && object.values.isEmpty());
    if (!nothing) {
      throw problem(key, "which this runtime does not implement; expected none");
    }
  }

  /** An error that names the file, the key and its value. */
  public IOException problem(String key, String what) {
    return new IOException(place + ": \"" + key + "\" is " + shown(values.get(key)) + ", " + what);
  }

  /** An error that names the file. */
  public IOException problem(String what) {
    return new IOException(place + ": " + what);
  }

  private static String shown(@Nullable Object value) {
    if (value instanceof JsonObject) {
      return "{…}";
    }
    if (value instanceof List<?>) {
      return "[…]";
    }
    String text = String.valueOf(value);
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }
}
