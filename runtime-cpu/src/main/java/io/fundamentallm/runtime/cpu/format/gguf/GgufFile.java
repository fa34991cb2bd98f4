package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.files.Uninterrupted;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of a GGUF file, version 2 or 3, as ggml's docs/gguf.md describes the format:
 * keys with typed values, then the list of {@link GgufTensors}. Everything that it claims is
 * checked against the length of the file before anything of that size is allocated.
 */
public final class GgufFile {
  /** "GGUF" as a little-endian number. */
  private static final int MAGIC = 0x46554747;

  /** The longest key; docs/gguf.md. */
  private static final int LONGEST_KEY = (1 << 16) - 1;

  /** The longest single value is a chat template. */
  private static final int LONGEST_TEXT = 16 << 20;

  /** The longest array that is kept: one number for each layer. */
  private static final int MOST_KEPT = 1 << 12;

  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  /** Sizes of the types of values, 0 where a type has none. */
  private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  /** Arrays of arrays of arrays do not occur. */
  private static final int MOST_DEPTH = 4;

  private final Path file;
  private final GgufInput in;

  private GgufFile(Path file, GgufInput in) {
    this.file = file;
    this.in = in;
  }

  /**
   * The metadata alone.
   *
   * @throws IOException when the file cannot be read or is not whole; names file and byte
   */
  public static GgufKeys keys(Path path) throws IOException {
    return Uninterrupted.read(
        () -> {
          try (FileChannel channel = FileChannel.open(path)) {
            GgufFile gguf = new GgufFile(path, new GgufInput(path, channel));
            gguf.begin();
            return gguf.readKeys();
          }
        });
  }

  /** What a file holds. */
  public record Contents(GgufKeys keys, TensorFiles tensors) {}

  /**
   * Opens a file.
   *
   * @throws IOException when it cannot be read or is not whole; names file and tensor or byte
   */
  public static Contents open(Path path) throws IOException {
    return Uninterrupted.read(() -> contents(path));
  }

  private static Contents contents(Path path) throws IOException {
    MappedFile mapped = MappedFile.open(path);
    try {
      GgufFile gguf = new GgufFile(path, new GgufInput(path, mapped.channel()));
      long tensors = gguf.begin();
      GgufKeys keys = gguf.readKeys();
      return new Contents(
          keys,
          new TensorFiles(
              path, List.of(mapped), new GgufTensors(mapped, gguf.in).read(keys, tensors)));
    } catch (IOException | RuntimeException e) {
      mapped.close();
      throw e;
    }
  }

  /** Returns the number of tensors. */
  private long begin() throws IOException {
    if (in.left() < 24) {
      throw in.error(0, "are " + in.left() + " bytes, too few for a GGUF file");
    }
    if (in.int32() != MAGIC) {
      throw in.error(0, "is no GGUF file");
    }
    int version = in.int32();
    if ((version & 0xFFFF) == 0) {
      throw in.error(4, "is a big-endian GGUF file; this runtime reads little-endian ones");
    }
    if (version != 2 && version != 3) {
      throw in.error(4, "GGUF version " + version + "; this runtime reads versions 2 and 3");
    }
    // a tensor has at least the length of its name, a count of dimensions, a type and an offset
    return in.count(24);
  }

  private GgufKeys readKeys() throws IOException {
    // a key has at least its length, a type and a value
    long count = in.count(13);
    Map<String, Object> values = new HashMap<>();
    for (long i = 0; i < count; i++) {
      long at = in.at();
      String key = in.string(LONGEST_KEY);
      int type = in.int32();
      if (values.put(key, value(type)) != null) {
        throw in.error(at, "the key \"" + key + "\" occurs twice");
      }
    }
    return new GgufKeys(file, values);
  }

  private Object value(int type) throws IOException {
    return switch (type) {
      case BOOL -> in.int8() != 0;
      case STRING -> in.string(LONGEST_TEXT);
      case ARRAY -> array(0);
      case 6 -> (double) Float.intBitsToFloat(in.int32());
      case 12 -> Double.longBitsToDouble(in.int64());
      default -> integer(type);
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
      case 10, 11 -> in.int64();
      default -> throw in.error(in.at() - 4, "there is no value type " + type);
    };
  }

  private GgufKeys.Array array(int depth) throws IOException {
    long at = in.at();
    int type = in.int32();
    if (type < 0 || type >= SIZES.length) {
      throw in.error(at, "there is no value type " + type);
    }
    if (SIZES[type] > 0) {
      long count = in.count(SIZES[type]);
      if (count > MOST_KEPT) {
        in.skip(count * SIZES[type]);
        return new GgufKeys.Array(count, new double[0]);
      }
      double[] numbers = new double[(int) count];
      for (int i = 0; i < numbers.length; i++) {
        Object value = value(type);
        numbers[i] =
            value instanceof Number number
                ? number.doubleValue()
                : Boolean.TRUE.equals(value) ? 1 : 0;
      }
      return new GgufKeys.Array(count, numbers);
    }
    if (depth == MOST_DEPTH) {
      throw in.error(at, "arrays are nested more than " + MOST_DEPTH + " deep");
    }
    long count = in.count(type == STRING ? 8 : 12);
    for (long i = 0; i < count; i++) {
      if (type == STRING) {
        in.skip(in.count(1));
      } else {
        array(depth + 1);
      }
    }
    return new GgufKeys.Array(count, new double[0]);
  }
}
