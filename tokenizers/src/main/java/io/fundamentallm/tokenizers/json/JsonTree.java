package io.fundamentallm.tokenizers.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.internal.json.Excerpt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that knows its place, for the small parts of a file. A value of the wrong kind
 * becomes an {@link IOException} that names file and place.
 */
public final class JsonTree {
  private final Path file;
  private final String place;

  /** A map, a list, a string, a number, a boolean, or null. */
  private final @Nullable Object value;

  private JsonTree(Path file, String place, @Nullable Object value) {
    this.file = file;
    this.place = place;
    this.value = value;
  }

  /** Reads a source's current value. */
  public static JsonTree read(JsonSource source, Path file, String place) throws IOException {
    return new JsonTree(file, place, value(source));
  }

  /** The value of a text, as if the file had it. */
  public static JsonTree parse(String json, Path file) throws IOException {
    try (JsonSource source = JsonSource.of(json, file)) {
      source.next();
      return read(source, file, "");
    }
  }

  /** An object of values that were read separately. */
  public static JsonTree of(Path file, String place, Map<String, JsonTree> values) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    values.forEach((key, tree) -> map.put(key, tree.value));
    return new JsonTree(file, place, map);
  }

  private static @Nullable Object value(JsonSource source) throws IOException {
    JsonToken token = source.current();
    if (token == null) {
      throw source.error("the file ends where a value should be");
    }
    switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String key; (key = source.nextKey()) != null; ) {
          map.put(key, value(source));
        }
        return map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (source.next() != JsonToken.END_ARRAY) {
          list.add(value(source));
        }
        return list;
      }
      case VALUE_STRING -> {
        return source.text();
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        try {
          return Double.valueOf(source.text());
        } catch (NumberFormatException e) {
          throw source.error("a number that cannot be read");
        }
      }
      case VALUE_TRUE -> {
        return true;
      }
      case VALUE_FALSE -> {
        return false;
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> throw source.error("expected a value");
    }
  }

  /** Whether it is null or missing. */
  public boolean isNull() {
    return value == null;
  }

  /** Whether it is an object. */
  public boolean isObject() {
    return value instanceof Map;
  }

  /** Whether it is a string. */
  public boolean isText() {
    return value instanceof String;
  }

  /** Whether it is an array. */
  public boolean isList() {
    return value instanceof List;
  }

  /** The value of a key; null if missing. */
  public JsonTree get(String key) throws IOException {
    if (!(value instanceof Map<?, ?> map)) {
      throw expected("an object");
    }
    return new JsonTree(file, place.isEmpty() ? key : place + "." + key, map.get(key));
  }

  /** The keys of an object. */
  public List<String> keys() throws IOException {
    if (!(value instanceof Map<?, ?> map)) {
      throw expected("an object");
    }
    return map.keySet().stream().map(String::valueOf).toList();
  }

  /** The values of an array. */
  public List<JsonTree> list() throws IOException {
    if (!(value instanceof List<?> list)) {
      throw expected("an array");
    }
    List<JsonTree> trees = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      trees.add(new JsonTree(file, place + "[" + i + "]", list.get(i)));
    }
    return trees;
  }

  /** The string. */
  public String text() throws IOException {
    if (!(value instanceof String string)) {
      throw expected("a string");
    }
    return string;
  }

  /** The string; null for null. */
  public @Nullable String textOrNull() throws IOException {
    return value == null ? null : text();
  }

  /** The flag, or this default for null. */
  public boolean flag(boolean defaultValue) throws IOException {
    if (value == null) {
      return defaultValue;
    }
    if (!(value instanceof Boolean flag)) {
      throw expected("true or false");
    }
    return flag;
  }

  /** The number. */
  public double number() throws IOException {
    if (!(value instanceof Double number)) {
      throw expected("a number");
    }
    return number;
  }

  /** The whole number. */
  public int integer(int minimum, int maximum) throws IOException {
    double number = number();
    if (number != Math.rint(number) || number < minimum || number > maximum) {
      throw expected("a whole number in [" + minimum + ", " + maximum + "]");
    }
    return (int) number;
  }

  /** An error at this place. */
  public IOException error(String message) {
    return new IOException(file + ", " + (place.isEmpty() ? "the whole" : place) + ": " + message);
  }

  /** An error for something unknown here. */
  public IOException expected(String what) {
    return error("expected " + what + ", found " + describe());
  }

  private String describe() {
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    if (value instanceof Double number) {
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? Long.toString(number.longValue())
          : number.toString();
    }
    String text = String.valueOf(value);
    return value instanceof String ? "\"" + Excerpt.of(text, 60) + "\"" : text;
  }

  /** A component without the steps of a type; null if nothing is left. */
  public JsonTree without(String steps, String type) throws IOException {
    if (isNull() || get("type").text().equals(type)) {
      return new JsonTree(file, place, null);
    }
    if (!get("type").text().equals("Sequence") || !(value instanceof Map<?, ?> map)) {
      return this;
    }
    List<@Nullable Object> kept = new ArrayList<>();
    for (JsonTree step : get(steps).list()) {
      JsonTree rest = step.without(steps, type);
      if (!rest.isNull()) {
        kept.add(rest.value);
      }
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    map.forEach((key, old) -> copy.put(String.valueOf(key), old));
    copy.put(steps, kept);
    return new JsonTree(file, place, copy);
  }

  /** Writes the value. */
  public void write(JsonGenerator json) throws IOException {
    write(json, value);
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof String string) {
      json.writeString(string);
    } else if (value instanceof Double number) {
      if (number == Math.rint(number) && Math.abs(number) < 1L << 53) {
        json.writeNumber(number.longValue());
      } else {
        json.writeNumber(number);
      }
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else {
      json.writeNull();
    }
  }
}
