package io.fundamentallm.runtime.cpu.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The top-level scalars and lists of numbers of a JSON file such as config.json. Immutable and
 * thread-safe.
 */
final class ConfigFile {
  /** Configuration files are a few kilobytes. */
  private static final long LARGEST = 10_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;

  /** Each value as its texts: none for null, one for a scalar, any number for a list. */
  private final Map<String, List<String>> values = new TreeMap<>();

  private ConfigFile(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it is missing or malformed; names file and byte offset
   */
  static ConfigFile read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IOException(
          file + ": " + Files.size(file) + " bytes are too many for a configuration");
    }
    ConfigFile config = new ConfigFile(file);
    try (JsonParser parser = JSON.createParser(Files.readAllBytes(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(file + ": expected a JSON object at byte 0");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        config.values.put(key, texts(parser, parser.nextToken()));
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IOException(file + ": the JSON object does not end");
      }
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : e.getLocation().getByteOffset();
      throw new IOException(
          file + ": malformed JSON at byte " + at + ": " + e.getOriginalMessage(), e);
    }
    return config;
  }

  private static List<String> texts(JsonParser parser, JsonToken token) throws IOException {
    List<String> texts = new ArrayList<>();
    if (token == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == null) {
          throw new IOException("a list does not end");
        }
        texts.add(parser.getText());
        parser.skipChildren();
      }
    } else if (token == JsonToken.START_OBJECT) {
      parser.skipChildren();
      texts.add("{…}");
    } else if (token != JsonToken.VALUE_NULL && token != null) {
      texts.add(parser.getText());
    }
    return texts;
  }

  /** The text of a scalar; empty where the key is missing or null. */
  Optional<String> text(String key) {
    return values.getOrDefault(key, List.of()).stream().findFirst();
  }

  /** A required whole number of at least one. */
  int size(String key) throws IOException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      throw new IOException(file + ": has no \"" + key + "\"");
    }
    int value = wholeNumber(key, text.get());
    if (value < 1) {
      throw new IOException(file + ": \"" + key + "\" is " + value + ", expected at least 1");
    }
    return value;
  }

  /** A real number, or the default where the key is missing. */
  double real(String key, double defaultValue) throws IOException {
    Optional<String> text = text(key);
    try {
      return text.isEmpty() ? defaultValue : Double.parseDouble(text.get());
    } catch (NumberFormatException e) {
      throw new IOException(file + ": \"" + key + "\" is " + text.get() + ", expected a number", e);
    }
  }

  /** All numbers of a key: one for a scalar, none where it is missing or null. */
  List<Integer> wholeNumbers(String key) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String text : values.getOrDefault(key, List.of())) {
      numbers.add(wholeNumber(key, text));
    }
    return numbers;
  }

  /** The only number of a key; empty where it is missing or null. */
  OptionalInt wholeNumber(String key) throws IOException {
    List<Integer> numbers = wholeNumbers(key);
    return numbers.isEmpty() ? OptionalInt.empty() : OptionalInt.of(numbers.get(0));
  }

  /**
   * Refuses a setting that this runtime does not implement.
   *
   * @param accepted the texts it implements; a missing key counts as the first
   */
  void require(String key, String... accepted) throws IOException {
    String text = text(key).orElse(accepted[0]);
    if (!List.of(accepted).contains(text)) {
      throw new IOException(
          file
              + ": \""
              + key
              + "\" is "
              + text
              + ", which this runtime does not implement; expected "
              + String.join(" or ", accepted));
    }
  }

  private int wholeNumber(String key, String text) throws IOException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + ": \"" + key + "\" is " + text + ", expected a whole number", e);
    }
  }
}
