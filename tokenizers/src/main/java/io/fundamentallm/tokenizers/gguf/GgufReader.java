package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.internal.files.Uninterrupted;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokenizer section of a GGUF file, versions 1 to 3, as ggml's docs/gguf.md describes the
 * format: a header, then keys with typed values. Other keys are skipped, tensors are never looked
 * at.
 */
public final class GgufReader {
  /** llama.cpp's LLAMA_TOKEN_NULL, written by some as the id of a token that there is not. */
  static final long NO_TOKEN = 0xFFFFFFFFL;

  /** "GGUF" as a little-endian number. */
  private static final int MAGIC = 0x46554747;

  private static final int LAST_VERSION = 3;

  /** The longest key or token; gguf.md limits keys to this. */
  private static final int LONGEST_KEY = (1 << 16) - 1;

  /** The longest single value, a chat template. */
  private static final int LONGEST_TEXT = 16 << 20;

  /** Real vocabularies end at 256,000 tokens, with about as many merges. */
  private static final int MOST_ELEMENTS = 1 << 22;

  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  /** Sizes of the types of numbers, 0 where a type is none. */
  private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  /** Arrays of arrays of arrays do not occur. */
  private static final int MOST_DEPTH = 4;

  private static final String PREFIX = "tokenizer.";

  private final GgufInput in;

  /** Whether counts have 64 bits; not so in version 1. */
  private boolean wide;

  private final Map<String, Object> values = new HashMap<>();

  private GgufReader(GgufInput in) {
    this.in = in;
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
          try (FileChannel channel = FileChannel.open(file)) {
            GgufReader reader = new GgufReader(new GgufInput(file.toString(), channel));
            reader.readKeys();
            return reader.tokenizer(file.toString());
          }
        });
  }

  private void readKeys() throws IOException {
    if (in.int32() != MAGIC) {
      throw in.error(0, "not a GGUF file");
    }
    int version = in.int32();
    if ((version & 0xFFFF) == 0) {
      // written by a machine of the other byte order
      in.order(ByteOrder.BIG_ENDIAN);
      version = Integer.reverseBytes(version);
    }
    if (version < 1 || version > LAST_VERSION) {
      throw in.error(4, "GGUF version " + version + "; 1 to " + LAST_VERSION + " are known");
    }
    wide = version > 1;
    in.skip(wide ? 8 : 4);
    long start = in.at();
    long count = wide ? in.int64() : in.int32() & 0xFFFFFFFFL;
    // a key has at least its length, a type and a value
    if (count < 0 || count > in.left() / 9) {
      throw in.error(start, Long.toUnsignedString(count) + " keys cannot fit into the file");
    }
    for (long i = 0; i < count; i++) {
      long at = in.at();
      String key = in.string(wide, LONGEST_KEY);
      int type = in.int32();
      if (!key.startsWith(PREFIX)) {
        skip(type, 0);
      } else if (values.put(key, value(type)) != null) {
        throw in.error(at, "the key " + key + " occurs twice");
      }
    }
  }

  private Object value(int type) throws IOException {
    long at = in.at();
    return switch (type) {
      case BOOL -> in.int8() != 0;
      case STRING -> in.string(wide, LONGEST_TEXT);
      case ARRAY -> array();
      case 0, 1, 2, 3, 4, 5, 10, 11 -> integer(type);
      case 6 -> (double) Float.intBitsToFloat(in.int32());
      case 12 -> Double.longBitsToDouble(in.int64());
      default -> throw in.error(at - 4, "there is no value type " + type);
    };
  }

  private Long integer(int type) throws IOException {
    return switch (type) {
      case 0 -> (long) (in.int8() & 0xFF);
      case 1 -> (long) in.int8();
      case 2 -> (long) (in.int16() & 0xFFFF);
      case 3 -> (long) in.int16();
      case 4 -> in.int32() & 0xFFFFFFFFL;
      case 5 -> (long) in.int32();
      default -> in.int64();
    };
  }

  /** A list of strings, an array of doubles, or something else where it is an array of arrays. */
  private Object array() throws IOException {
    long at = in.at();
    int type = in.int32();
    if (type == ARRAY) {
      long count = in.count(wide ? 12 : 8, wide);
      for (long i = 0; i < count; i++) {
        skip(ARRAY, 1);
      }
      return new Object();
    }
    if (type < 0 || type >= SIZES.length) {
      throw in.error(at, "there is no value type " + type);
    }
    int size = type == STRING ? (wide ? 8 : 4) : SIZES[type];
    long countAt = in.at();
    long count = in.count(size, wide);
    if (count > MOST_ELEMENTS) {
      throw in.error(countAt, count + " elements; " + MOST_ELEMENTS + " would be the most");
    }
    if (type == STRING) {
      List<String> strings = new ArrayList<>((int) count);
      for (int i = 0; i < count; i++) {
        strings.add(in.string(wide, LONGEST_KEY));
      }
      return strings;
    }
    double[] numbers = new double[(int) count];
    for (int i = 0; i < numbers.length; i++) {
      Object value = value(type);
      double flag = Boolean.TRUE.equals(value) ? 1 : 0;
      numbers[i] = value instanceof Number number ? number.doubleValue() : flag;
    }
    return numbers;
  }

  private void skip(int type, int depth) throws IOException {
    long at = in.at();
    if (type == STRING) {
      in.skip(in.count(1, wide));
    } else if (type == ARRAY) {
      if (depth == MOST_DEPTH) {
        throw in.error(at, "arrays are nested more than " + MOST_DEPTH + " deep");
      }
      skipArray(depth);
    } else if (type >= 0 && type < SIZES.length) {
      in.skip(SIZES[type]);
    } else {
      throw in.error(at - 4, "there is no value type " + type);
    }
  }

  private void skipArray(int depth) throws IOException {
    int type = in.int32();
    if (type >= 0 && type < SIZES.length && SIZES[type] > 0) {
      in.skip(in.count(SIZES[type], wide) * SIZES[type]);
      return;
    }
    long count = in.count(wide ? 8 : 4, wide);
    for (long i = 0; i < count; i++) {
      skip(type, depth + 1);
    }
  }

  private GgufTokenizer tokenizer(String file) throws IOException {
    String model = take(file, "ggml.model", String.class);
    if (model == null) {
      throw new IOException(file + ": no tokenizer, the key tokenizer.ggml.model is missing");
    }
    String pre = take(file, "ggml.pre", String.class);
    List<String> tokens = strings(file, "ggml.tokens");
    List<String> merges = strings(file, "ggml.merges");
    double[] scores = take(file, "ggml.scores", double[].class);
    double[] types = take(file, "ggml.token_type", double[].class);
    if (tokens.isEmpty()) {
      throw new IOException(file + ", tokenizer.ggml.tokens: no tokens");
    }
    checkLength(file, "scores", scores, tokens.size());
    checkLength(file, "token_type", types, tokens.size());
    Map<String, Object> settings = new HashMap<>();
    values.forEach((key, value) -> settings.put(key.substring(PREFIX.length()), value));
    settings.values().removeIf(value -> value instanceof List || value.getClass() == Object.class);
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      Object value = setting.getValue();
      boolean inside =
          value instanceof Long id && ((id >= 0 && id < tokens.size()) || id == NO_TOKEN);
      if (setting.getKey().endsWith("_token_id") && !inside) {
        throw new IOException(
            String.format(
                "%s, %s%s: %s is outside the vocabulary [0, %d)",
                file, PREFIX, setting.getKey(), value, tokens.size()));
      }
    }
    // 2^32 - 1 is llama.cpp's "none"
    settings.values().removeIf(value -> value.equals(0xFFFFFFFFL));
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
    List<?> list = take(file, key, List.class);
    List<String> strings = new ArrayList<>();
    for (Object element : list == null ? List.of() : list) {
      strings.add((String) element);
    }
    return List.copyOf(strings);
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
