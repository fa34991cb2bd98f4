package io.fundamentallm.internal.corpus;

import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file of JSON Lines: each line is an object, and one of its fields is a document. */
final class JsonLines implements CorpusReader.File {
  private final Path file;
  private final JsonRecords records;
  private final String field;

  JsonLines(Path file, LineReader lines, String field) {
    this.file = file;
    records = new JsonRecords(file, lines);
    this.field = field;
  }

  @Override
  public CorpusReader.@Nullable Part next() throws IOException {
    Map<String, @Nullable Object> object = records.next();
    return object == null
        ? null
        : new CorpusReader.Part(text(object), true, true, file, records.line());
  }

  private String text(Map<String, @Nullable Object> object) throws IOException {
    if (!object.containsKey(field)) {
      throw records.bad(
          "there is no \""
              + field
              + "\"; the fields are "
              + Json.shown(String.join(", ", object.keySet())));
    }
    if (!(object.get(field) instanceof String text)) {
      throw records.bad(
          "expected a text in \"" + field + "\", found " + JsonRecords.kind(object.get(field)));
    }
    records.requireText(field, text);
    return text;
  }
}
