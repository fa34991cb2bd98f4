package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.internal.files.Uninterrupted;
import io.fundamentallm.internal.gguf.GgufInput;
import io.fundamentallm.internal.gguf.GgufMetadata;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokenizer section of a GGUF file, versions 1 to 3. Other keys are skipped, and tensors
 * are ignored.
 */
public final class GgufReader {
  /** Real vocabularies end at 256,000 tokens, with about as many merges. */
  private static final int MAX_ELEMENTS = 1 << 22;

  private static final String PREFIX = "tokenizer.";

  private final Map<String, Object> values;

  private GgufReader(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is broken, or has no tokenizer; the message says
   *     where
   */
  public static GgufTokenizer read(Path file) throws IOException {
    return Uninterrupted.read(
        () -> {
          GitLfsPointer.refuse(file);
          try (FileChannel channel = FileChannel.open(file)) {
            GgufInput in = new GgufInput(file, channel);
            GgufMetadata.header(in);
            Map<String, Object> values =
                GgufMetadata.keys(in, key -> key.startsWith(PREFIX), MAX_ELEMENTS, MAX_ELEMENTS);
            return new GgufReader(values).tokenizer(file.toString());
          }
        });
  }

  private GgufTokenizer tokenizer(String file) throws IOException {
    String model = take(file, "ggml.model", String.class);
    if (model == null) {
      throw new IOException(file + ": no tokenizer, the key tokenizer.ggml.model is missing");
    }
    String pre = take(file, "ggml.pre", String.class);
    List<String> tokens = strings(file, "ggml.tokens");
    List<String> merges = strings(file, "ggml.merges");
    double[] scores = numbers(file, "ggml.scores");
    double[] types = numbers(file, "ggml.token_type");
    if (tokens.isEmpty()) {
      throw new IOException(file + ", tokenizer.ggml.tokens: no tokens");
    }
    checkLength(file, "scores", scores, tokens.size());
    checkLength(file, "token_type", types, tokens.size());
    Map<String, Object> settings = new HashMap<>();
    values.forEach(
        (key, value) -> {
          String name = key.substring(PREFIX.length());
          if (!(value instanceof GgufMetadata.Array array)) {
            settings.put(name, value);
          } else if (array.numbers().length == array.length()) {
            settings.put(name, array.numbers());
          }
        });
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      Object value = setting.getValue();
      boolean inside =
          value instanceof Long id
              && ((id >= 0 && id < tokens.size()) || id == GgufTokenizer.NO_TOKEN);
      if (setting.getKey().endsWith("_token_id") && !inside) {
        throw new IOException(
            String.format(
                "%s, %s%s: %s is outside the vocabulary [0, %d)",
                file, PREFIX, setting.getKey(), value, tokens.size()));
      }
    }
    // 2^32 - 1 is llama.cpp's "none"
    settings.values().removeIf(value -> value.equals(GgufTokenizer.NO_TOKEN));
    return new GgufTokenizer(
        model, pre, tokens, floats(scores), ints(types), merges, Map.copyOf(settings));
  }

  private <T> @Nullable T take(String file, String key, Class<T> type) throws IOException {
    Object value = values.remove(PREFIX + key);
    if (value != null && !type.isInstance(value)) {
      throw new IOException(file + ", " + PREFIX + key + ": a value of another type");
    }
    return value == null ? null : type.cast(value);
  }

  private List<String> strings(String file, String key) throws IOException {
    GgufMetadata.Array array = array(file, key);
    if (array == null) {
      return List.of();
    }
    requireAll(file, key, array, array.texts().size());
    return List.copyOf(array.texts());
  }

  private double @Nullable [] numbers(String file, String key) throws IOException {
    GgufMetadata.Array array = array(file, key);
    if (array == null) {
      return null;
    }
    requireAll(file, key, array, array.numbers().length);
    return array.numbers();
  }

  private GgufMetadata.@Nullable Array array(String file, String key) throws IOException {
    GgufMetadata.Array array = take(file, key, GgufMetadata.Array.class);
    if (array != null && array.length() > MAX_ELEMENTS) {
      throw new IOException(
          String.format(
              "%s, %s%s: %d elements; %d would be the most",
              file, PREFIX, key, array.length(), MAX_ELEMENTS));
    }
    return array;
  }

  private static void requireAll(String file, String key, GgufMetadata.Array array, int found)
      throws IOException {
    if (found != array.length()) {
      throw new IOException(file + ", " + PREFIX + key + ": a value of another type");
    }
  }

  private static void checkLength(String file, String key, double @Nullable [] array, int tokens)
      throws IOException {
    if (array != null && array.length != tokens) {
      throw new IOException(
          String.format(
              "%s, tokenizer.ggml.%s: %d values for %d tokens", file, key, array.length, tokens));
    }
  }

  private static float @Nullable [] floats(double @Nullable [] values) {
    if (values == null) {
      return null;
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static int @Nullable [] ints(double @Nullable [] values) {
    return values == null ? null : Arrays.stream(values).mapToInt(v -> (int) v).toArray();
  }
}
