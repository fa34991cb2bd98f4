package io.fundamentallm.runtime.cpu.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes maps, lists, texts without escapes, numbers, truth values and null as JSON, for tests. */
public final class JsonText {
  private JsonText() {}

  /** The text of a value. */
  public static String of(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> entries = new ArrayList<>();
      // the order of Map.of differs from run to run
      Map<?, ?> ordered = map instanceof LinkedHashMap ? map : new TreeMap<>(map);
      ordered.forEach((key, element) -> entries.add("\"" + key + "\": " + of(element)));
      return "{" + String.join(", ", entries) + "}";
    }
    if (value instanceof List<?> list) {
      return "[" + String.join(", ", list.stream().map(JsonText::of).toList()) + "]";
    }
    return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
  }
}
