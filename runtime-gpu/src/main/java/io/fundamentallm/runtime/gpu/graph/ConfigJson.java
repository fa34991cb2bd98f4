package io.fundamentallm.runtime.gpu.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The numbers and texts of a JSON file. Those in objects have the keys of all around them before
 * theirs, as in {@code model.decoder.head_size}; objects in lists are skipped.
 */
final class ConfigJson {
  /** Configuration files are a few kilobytes. */
  private static final long LARGEST = 10_000_000;

  /** With those around it; what lies deeper is not asked for, and could fill the memory. */
  private static final int LONGEST_KEY = 200;

  /** What stands for a value that is neither number nor text. */
  private static final String STRUCTURE = "an object or array";

  /** Without Jackson's own pool, whose thread-locals keep the application's class loader alive. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          .build();

  private final Path file;

  /** Numbers as written; a single one is a list of one. */
  private final Map<String, List<String>> values;

  private ConfigJson(Path file, Map<String, List<String>> values) {
    this.file = file;
    this.values = values;
  }

  /** Reads a file that must exist. */
  static ConfigJson read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a JSON file here");
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException(
          file + ": " + Files.size(file) + " bytes are too many for a configuration");
    }
    Map<String, List<String>> values = new HashMap<>();
    // the parser reads bytes, so its offsets are those of the file
    try (InputStream bytes = Files.newInputStream(file);
        JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed(file, "expected an object", parser.currentTokenLocation(), null);
      }
      readObject(parser, "", values);
    } catch (JsonProcessingException e) {
      throw malformed(file, e.getOriginalMessage(), e.getLocation(), e);
    }
    return new ConfigJson(file, values);
  }

  /** A file without any keys, for one that need not exist. */
  static ConfigJson readIfExists(Path file) throws IOException {
    return Files.exists(file) ? read(file) : new ConfigJson(file, Map.of());
  }

  private static void readObject(JsonParser parser, String prefix, Map<String, List<String>> into)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = prefix + parser.currentName();
      JsonToken token = parser.nextToken();
      if (key.length() > LONGEST_KEY) {
        parser.skipChildren();
      } else if (token == JsonToken.START_OBJECT) {
        into.put(key, List.of(STRUCTURE));
        readObject(parser, key + ".", into);
      } else {
        into.put(key, value(parser, token));
      }
    }
  }

  private static List<String> value(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return List.of();
    }
    if (token != JsonToken.START_ARRAY) {
      return List.of(scalar(parser, token));
    }
    List<String> elements = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      elements.add(scalar(parser, t));
    }
    return elements;
  }

  private static String scalar(JsonParser parser, JsonToken token) throws IOException {
    if (token.isStructStart()) {
      parser.skipChildren();
      return STRUCTURE;
    }
    return parser.getText();
  }

  private static IOException malformed(
      Path file, String message, @Nullable JsonLocation location, @Nullable Throwable cause) {
    String place = location == null ? "" : " at byte " + location.getByteOffset();
    return new IOException(file + place + ": " + message, cause);
  }

  Path file() {
    return file;
  }

  /** Whether it says nothing, or is not there. */
  boolean isEmpty() {
    return values.isEmpty();
  }

  /** A text; empty where the key is missing or null. */
  Optional<String> text(String key) {
    return values.getOrDefault(key, List.of()).stream().findFirst();
  }

  /** The first of these keys that is there, as a whole number of at least {@code minimum}. */
  OptionalInt integer(int minimum, String... keys) throws IOException {
    for (String key : keys) {
      List<Integer> numbers = integers(minimum, key);
      if (!numbers.isEmpty()) {
        return OptionalInt.of(numbers.get(0));
      }
    }
    return OptionalInt.empty();
  }

  /** A number or a list of numbers; empty where the key is missing or null. */
  List<Integer> integers(int minimum, String key) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String text : values.getOrDefault(key, List.of())) {
      try {
        int number = Integer.parseInt(text);
        if (number >= minimum) {
          numbers.add(number);
          continue;
        }
      } catch (NumberFormatException e) {
        // answered below, like a number that is too small
      }
      throw new IOException(
          file + ": \"" + key + "\" is " + text + ", expected a whole number from " + minimum);
    }
    return numbers;
  }
}
