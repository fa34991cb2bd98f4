package io.fundamentallm.evaluation;

import io.fundamentallm.internal.corpus.JsonRecords;
import io.fundamentallm.internal.corpus.LineReader;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file of JSON Lines, each of which is a document of a task. */
final class TaskFile {
  private TaskFile() {}

  /** What the fields of a line mean. */
  @FunctionalInterface
  interface Layout<T> {
    /**
     * The document of a line.
     *
     * @throws IllegalArgumentException where the line has another layout
     */
    T read(Line line);
  }

  /**
   * Reads all documents; lines that are blank are none.
   *
   * @throws IOException when the file cannot be read, has no document, or has another layout; names
   *     file and line
   */
  static <T> List<T> read(Path file, Layout<T> layout) throws IOException {
    List<T> documents = new ArrayList<>();
    ReadablePath.requireFile(file);
    LineReader lines = new LineReader(file, Files.newInputStream(file), JsonRecords.LONGEST);
    try {
      JsonRecords records = new JsonRecords(file, lines);
      Map<String, @Nullable Object> object;
      while ((object = records.next()) != null) {
        try {
          documents.add(layout.read(new Line(object, "")));
        } catch (IllegalArgumentException e) {
          IOException bad = records.bad(e.getMessage());
          bad.initCause(e);
          throw bad;
        }
      }
    } finally {
      lines.close();
    }
    if (documents.isEmpty()) {
      throw new IOException(file + " has no document");
    }
    return documents;
  }

  /**
   * The fields of a line, or of an object in it.
   *
   * @param path of the object in the line, for messages; ends with a dot unless it is empty
   */
  record Line(Map<String, @Nullable Object> fields, String path) {
    boolean has(String key) {
      return fields.get(key) != null;
    }

    /** Whether a field is an object. */
    boolean hasObject(String key) {
      return fields.get(key) instanceof Map;
    }

    String text(String key) {
      Object value = fields.get(key);
      if (value instanceof String text) {
        return text;
      }
      throw expected(key, "a text");
    }

    List<String> texts(String key) {
      if (fields.get(key) instanceof List<?> list
          && list.stream().allMatch(String.class::isInstance)) {
        return list.stream().map(String.class::cast).toList();
      }
      throw expected(key, "a list of texts");
    }

    /** An index, which some data sets write in quotes. */
    int index(String key, int count) {
      Object value = fields.get(key);
      String written =
          value instanceof BigDecimal || value instanceof String ? String.valueOf(value) : "";
      for (int i = 0; i < count; i++) {
        if (written.equals(String.valueOf(i))) {
          return i;
        }
      }
      throw expected(key, "a number from 0 to " + (count - 1));
    }

    Line object(String key) {
      if (fields.get(key) instanceof Map<?, ?> map) {
        return line(map, path + key + ".");
      }
      throw expected(key, "an object");
    }

    List<Line> objects(String key) {
      if (fields.get(key) instanceof List<?> list
          && list.stream().allMatch(Map.class::isInstance)) {
        List<Line> lines = new ArrayList<>();
        for (Object element : list) {
          lines.add(line((Map<?, ?>) element, path + key + "[" + lines.size() + "]."));
        }
        return lines;
      }
      throw expected(key, "a list of objects");
    }

    @SuppressWarnings("unchecked") // the keys of JSON are texts
    private static Line line(Map<?, ?> map, String path) {
      return new Line((Map<String, @Nullable Object>) map, path);
    }

    IllegalArgumentException expected(String key, String what) {
      if (!has(key)) {
        return new IllegalArgumentException(
            "there is no \""
                + path
                + key
                + "\"; expected "
                + what
                + "; the fields are "
                + shown(fields.keySet()));
      }
      return new IllegalArgumentException(
          "expected " + what + " in \"" + path + key + "\", found " + shown(fields.get(key)));
    }

    private static String shown(@Nullable Object value) {
      if (value instanceof Collection<?> many) {
        return Json.shown(many.stream().map(String::valueOf).collect(Collectors.joining(", ")));
      }
      return value instanceof String text
          ? "\"" + Json.shown(text) + "\""
          : Json.shown(String.valueOf(value));
    }
  }
}
