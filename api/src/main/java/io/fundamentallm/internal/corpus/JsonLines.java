package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file of JSON Lines: each line is an object, and one of its fields is a document. */
final class JsonLines implements CorpusReader.File {
  private final Path file;
  private final LineReader lines;
  private final String field;
  private long number;

  JsonLines(Path file, LineReader lines, String field) {
    this.file = file;
    this.lines = lines;
    this.field = field;
  }

  @Override
  public CorpusReader.@Nullable Part next() throws IOException {
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
    return new CorpusReader.Part(text(line), true, true, file, number);
  }

  private String text(String line) throws IOException {
    Map<String, @Nullable Object> object;
    try {
      object = Json.object(line);
    } catch (IllegalArgumentException e) {
      throw bad(e.getMessage());
    }
    if (!object.containsKey(field)) {
      throw bad(
          "there is no \""
              + field
              + "\"; the fields are "
              + Json.shown(String.join(", ", object.keySet())));
    }
    if (!(object.get(field) instanceof String text)) {
      throw bad("expected a text in \"" + field + "\", found " + kind(object.get(field)));
    }
    int lone = loneSurrogate(text);
    if (lone >= 0) {
      throw bad(
          "\""
              + field
              + "\" has half a surrogate pair at character "
              + lone
              + ", which is not text");
    }
    return text;
  }

  /** Values may be long. */
  private static String kind(@Nullable Object value) {
    return value instanceof Map
        ? "an object"
        : value instanceof List ? "a list" : Json.shown(String.valueOf(value));
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

  private IOException bad(@Nullable String what) {
    return new IOException(file + ", line " + number + ": " + what);
  }
}
