package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a file of JSON Lines. Blank lines do not count, nor does a byte order mark at the
 * beginning. One thread at a time.
 */
public final class JsonRecords {
  /** A line is read whole; a longer one is refused. */
  public static final int LONGEST = 1 << 28;

  /** Some editors begin a file with it. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;
  private final LineReader lines;
  private long number;

  /** Reads lines of at most {@link #LONGEST} bytes. */
  public JsonRecords(Path file, LineReader lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * The next object; null at the end.
   *
   * @throws IOException when it cannot be read or is none; names file and line
   */
  public @Nullable Map<String, @Nullable Object> next() throws IOException {
    String line = read();
    while (line != null && line.isBlank()) {
      line = read();
    }
    if (line == null) {
      return null;
    }
    if (!line.endsWith("\n") && lines.next() != null) {
      throw bad("the line is longer than 256 MiB");
    }
    try {
      return Json.object(line);
    } catch (IllegalArgumentException e) {
      throw bad(e.getMessage());
    }
  }

  private @Nullable String read() throws IOException {
    String line = lines.next();
    number++;
    return number == 1 && line != null && line.startsWith(BYTE_ORDER_MARK)
        ? line.substring(1)
        : line;
  }

  /** The line of the last object, from 1. */
  public long line() {
    return number;
  }

  /**
   * Checks a value of the last object, and all in it.
   *
   * @param name of the value, for messages; empty for the object itself
   * @throws IOException when a text in it has half a surrogate pair; names file, line and place
   */
  public void requireText(String name, @Nullable Object value) throws IOException {
    if (value instanceof String text) {
      int lone = loneSurrogate(text);
      if (lone >= 0) {
        throw bad(
            "\""
                + name
                + "\" has half a surrogate pair at character "
                + lone
                + ", which is not text");
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        requireText(name + "[" + i + "]", list.get(i));
      }
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String key = Json.shown(String.valueOf(entry.getKey()));
        requireText(name.isEmpty() ? key : name + "." + key, entry.getValue());
      }
    }
  }

  /** Where a surrogate is without its other half; -1 if there is none. */
  private static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /** What is wrong with the last object, with its place. */
  public IOException bad(@Nullable String what) {
    return new IOException(file + ", line " + number + ": " + what);
  }

  /** A value as it may stand in a message; it may be long. */
  public static String kind(@Nullable Object value) {
    return value instanceof Map
        ? "an object"
        : value instanceof List ? "a list" : Json.shown(String.valueOf(value));
  }
}
