package io.fundamentallm.internal.json;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes trees of maps, iterables, texts, numbers, truth values and nulls as JSON. */
public final class JsonWriter {
  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  /** An object without any white space. */
  public static String compact(Map<String, ? extends @Nullable Object> object) {
    JsonWriter writer = new JsonWriter(false);
    writer.object(object, 0);
    return writer.out.toString();
  }

  /** An object with one key on each line. */
  public static String pretty(Map<String, ? extends @Nullable Object> object) {
    JsonWriter writer = new JsonWriter(true);
    writer.object(object, 0);
    return writer.out.toString();
  }

  /** Atomically replaces a file with an object, one key on each line. */
  public static void write(Path file, Map<String, ? extends @Nullable Object> object)
      throws IOException {
    AtomicFile.write(file, StandardCharsets.UTF_8.encode(pretty(object)));
  }

  private void value(@Nullable Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      object(map, depth);
    } else if (value instanceof Iterable<?> list) {
      list(list, depth);
    } else if (value instanceof String text) {
      text(text);
    } else {
      out.append(value);
    }
  }

  private void object(Map<?, ?> map, int depth) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator).append(lineAt(depth + 1));
      text(String.valueOf(entry.getKey()));
      out.append(pretty ? " : " : ":");
      value(entry.getValue(), depth + 1);
      separator = ",";
    }
    out.append(map.isEmpty() ? space() : lineAt(depth)).append('}');
  }

  private void list(Iterable<?> list, int depth) {
    out.append('[');
    String separator = "";
    for (Object element : list) {
      out.append(separator).append(space());
      value(element, depth);
      separator = ",";
    }
    out.append(space()).append(']');
  }

  private String lineAt(int depth) {
    return pretty ? "\n" + "  ".repeat(depth) : "";
  }

  private String space() {
    return pretty ? " " : "";
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    out.append('"');
  }
}
