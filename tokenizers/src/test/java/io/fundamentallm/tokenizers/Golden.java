package io.fundamentallm.tokenizers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Tokenizer files and reference ids that are not part of the project. */
public final class Golden {
  /** A text and what a reference makes of it; what is not there is null. */
  public record Vector(
      int id, String category, String text, int[] ids, int[] special, int[] post) {}

  private Golden() {}

  /** The folder with the references; without it the test does not run, and says so. */
  public static Path folder() {
    String shared = System.getProperty("fundamentallm.shared");
    assumeTrue(
        shared != null,
        "reference ids are not at hand: set -Dfundamentallm.shared to their folder");
    return Path.of(shared, "golden", "tokenizers");
  }

  /** The tokenizers that Hugging Face's library reads. */
  public static List<String> huggingFace() {
    return List.of(
        "gpt2", "qwen3", "mistral-v1", "bert-base-uncased", "t5", "whisper", "deepseek_v3");
  }

  /** Those, and tiktoken's. */
  public static List<String> all() {
    List<String> all = new ArrayList<>(List.of("r50k_base", "cl100k_base", "o200k_base"));
    all.addAll(huggingFace());
    return all;
  }

  /** Unpacks the files of a tokenizer. */
  public static Path files(String name, Path into) throws IOException {
    Path target = Files.createDirectories(into.resolve(name));
    try (Stream<Path> files = Files.list(folder().resolve("files").resolve(name))) {
      for (Path file : files.toList()) {
        unpack(file, target);
      }
    }
    return target;
  }

  /** Unpacks one file. */
  public static Path unpack(Path packed, Path directory) throws IOException {
    String name = packed.getFileName().toString();
    Path target = directory.resolve(name.substring(0, name.length() - ".gz".length()));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, target);
    }
    return target;
  }

  /** Deletes a directory that {@link #files} unpacked into. */
  public static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The vectors of a reference, one after another. */
  public static void vectors(String name, Consumer<Vector> consumer) throws IOException {
    lines(
        name,
        fields ->
            consumer.accept(
                new Vector(
                    ((Number) fields.get("id")).intValue(),
                    (String) fields.get("cat"),
                    (String) fields.get("text"),
                    ids(fields.get("ids")),
                    ids(fields.get("ids_special")),
                    ids(fields.get("ids_post")))));
  }

  /** The JSON objects of a file of vectors. */
  public static void lines(String name, Consumer<Map<String, Object>> consumer) throws IOException {
    JsonFactory json = new JsonFactory();
    Path file = folder().resolve("vectors").resolve(name + ".jsonl.gz");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        try (JsonParser parser = json.createParser(line)) {
          parser.nextToken();
          @SuppressWarnings("unchecked")
          Map<String, Object> fields = (Map<String, Object>) value(parser);
          consumer.accept(fields);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          map.put(key, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      default -> parser.getText();
    };
  }

  public static int[] ids(Object list) {
    return list == null
        ? null
        : ((List<?>) list).stream().mapToInt(id -> ((Number) id).intValue()).toArray();
  }
}
