package io.fundamentallm.training;

import io.fundamentallm.internal.corpus.JsonRecords;
import io.fundamentallm.internal.corpus.LineReader;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads examples from files of JSON Lines, one object at a time. */
final class ExampleFiles {
  /** Adds what an object of a file says. */
  @FunctionalInterface
  interface Reading {
    void add(Map<String, @Nullable Object> object, ExampleTokens into);
  }

  private ExampleFiles() {}

  static TokenSequence read(Tokenizer tokenizer, Reading reading, Path... files)
      throws IOException {
    if (files.length == 0) {
      throw new IllegalArgumentException("no files; expected at least one");
    }
    ExampleTokens tokens = new ExampleTokens(tokenizer);
    for (Path file : files) { // before a large one is read
      ReadablePath.requireFile(file);
    }
    for (Path file : files) {
      boolean empty = true;
      LineReader lines = new LineReader(file, Files.newInputStream(file), JsonRecords.LONGEST);
      try {
        JsonRecords records = new JsonRecords(file, lines);
        Map<String, @Nullable Object> object;
        while ((object = records.next()) != null) {
          empty = false;
          records.requireText("", object);
          try {
            reading.add(object, tokens);
          } catch (IllegalArgumentException e) {
            IOException bad = records.bad(e.getMessage());
            bad.initCause(e);
            throw bad;
          }
        }
      } finally {
        lines.close();
      }
      if (empty) {
        throw new IOException(file + ": no examples; expected JSON Lines, an object in each line");
      }
    }
    return tokens.build();
  }
}
