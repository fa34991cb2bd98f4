package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The objects of a file of JSON Lines. Blank lines do not count. One thread at a time. */
public final class JsonRecords {
  /** A line is read whole; a longer one is refused. */
  public static final int LONGEST = 1 << 28;

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
    String line = lines.next();
    number++;
    while (line != null && line.isBlank()) {
      line = lines.next();
      number++;
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

  /** The line of the last object, from 1. */
  public long line() {
    return number;
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
