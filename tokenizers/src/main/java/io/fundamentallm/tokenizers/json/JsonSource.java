package io.fundamentallm.tokenizers.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.fundamentallm.internal.files.GitLfsPointer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file read token by token. It is untrusted: size, depth and string lengths are bounded, and
 * every fault becomes an {@link IOException} that names file, line and column.
 */
public final class JsonSource implements Closeable {
  /** Twice the largest published tokenizer.json, Gemma 3's of 33 MB. */
  public static final long MAX_BYTES = 64 << 20;

  private static final int MAX_DEPTH = 100;
  private static final int LONGEST_STRING = 1 << 20;

  /** Where an object begins that does not end; Jackson says it in words of its own. */
  private static final String START_MARKER = " \\(start marker at .*";

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Jackson's own pool has thread-locals that keep the application's class loader alive
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          // vocabularies have too many distinct keys for a shared table of names
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(LONGEST_STRING)
                  .maxNameLength(LONGEST_STRING)
                  .maxDocumentLength(MAX_BYTES)
                  .build())
          .build();

  private final Path file;
  private final JsonParser parser;

  private JsonSource(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /** Opens a file; its size is checked first. */
  public static JsonSource open(Path file) throws IOException {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new IOException(file + " has " + size + " bytes; at most " + MAX_BYTES + " are read");
      }
      GitLfsPointer.refuse(file);
      // a reader from Files reports malformed UTF-8, where a plain one replaces it
      return new JsonSource(file, FACTORY.createParser(Files.newBufferedReader(file)));
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    }
  }

  /** Reads a text instead of a file. */
  static JsonSource of(String json, Path file) throws IOException {
    return new JsonSource(file, FACTORY.createParser(json));
  }

  /** Moves to the next token; null at the end of the file. */
  public @Nullable JsonToken next() throws IOException {
    try {
      return parser.nextToken();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The current token. */
  public @Nullable JsonToken current() {
    return parser.currentToken();
  }

  /** Enters the current object. */
  public void enterObject(String what) throws IOException {
    require(JsonToken.START_OBJECT, what + " as an object");
  }

  /** Enters the current array. */
  public void enterArray(String what) throws IOException {
    require(JsonToken.START_ARRAY, what + " as an array");
  }

  /** Moves to the value of the next key and returns the key; null after the last. */
  public @Nullable String nextKey() throws IOException {
    if (next() == JsonToken.END_OBJECT) {
      return null;
    }
    require(JsonToken.FIELD_NAME, "a key");
    String key = parser.currentName();
    next();
    return key;
  }

  /** The current string. */
  public String string(String what) throws IOException {
    require(JsonToken.VALUE_STRING, what + " as a string");
    return text();
  }

  /** The text of the current scalar. */
  public String text() throws IOException {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The current whole number. */
  public int integer(String what, int maximum) throws IOException {
    String accepted = what + " as a whole number in [0, " + maximum + "]";
    require(JsonToken.VALUE_NUMBER_INT, accepted);
    String digits = text();
    try {
      int value = Integer.parseInt(digits);
      if (value >= 0 && value <= maximum) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below, like a number out of range
    }
    throw error("expected " + accepted + ", found " + digits);
  }

  /** The current number. */
  public double number(String what) throws IOException {
    if (current() != JsonToken.VALUE_NUMBER_INT) {
      require(JsonToken.VALUE_NUMBER_FLOAT, what + " as a number");
    }
    double value = Double.parseDouble(text());
    if (!Double.isFinite(value)) {
      throw error("expected " + what + " as a finite number, found " + text());
    }
    return value;
  }

  /** The current flag. */
  public boolean flag(String what) throws IOException {
    if (current() != JsonToken.VALUE_TRUE) {
      require(JsonToken.VALUE_FALSE, what + " as true or false");
    }
    return current() == JsonToken.VALUE_TRUE;
  }

  /** Moves to the end of the current value. */
  public void skip() throws IOException {
    int depth = 0;
    JsonToken token = current();
    while (true) {
      if (token == null) {
        throw error("the file ends inside a value");
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (depth <= 0) {
        return;
      }
      token = next();
    }
  }

  /** Nothing but white space may follow. */
  public void requireEnd() throws IOException {
    if (next() != null) {
      throw error("expected the end of the file");
    }
  }

  /** An error at the current token. */
  public IOException error(String message) {
    return new IOException(place(parser.currentTokenLocation()) + message);
  }

  private IOException unreadable(IOException e) {
    if (e instanceof JacksonException json) {
      JsonLocation location = json.getLocation();
      // limits are checked before the parser notes a place
      String place = place(location == null ? parser.currentLocation() : location);
      String torn =
          json instanceof JsonEOFException
              ? "; the file ends too early: copy or download it again"
              : "";
      return new IOException(
          place + json.getOriginalMessage().replaceFirst(START_MARKER, "") + torn, e);
    }
    String what =
        e instanceof CharacterCodingException ? "malformed UTF-8 after this place" : e.toString();
    return new IOException(place(parser.currentLocation()) + what, e);
  }

  private void require(JsonToken expected, String what) throws IOException {
    JsonToken found = current();
    if (found != expected) {
      throw error(
          "expected "
              + what
              + (found == null ? ", found the end of the file" : ", found " + describe(found)));
    }
  }

  private static String describe(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case END_OBJECT -> "the end of an object";
      case END_ARRAY -> "the end of an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      default -> token.toString();
    };
  }

  private String place(@Nullable JsonLocation location) {
    return location == null
        ? file + ": "
        : file + ", line " + location.getLineNr() + ", column " + location.getColumnNr() + ": ";
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
