package io.fundamentallm.internal.gguf;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The header of a GGUF file, versions 1 to 3 in either byte order, and its keys with typed values,
 * as ggml's docs/gguf.md describes them. Every size that it claims is checked against the file's
 * length before anything is allocated.
 */
public final class GgufMetadata {
  /** "GGUF" as a little-endian number. */
  private static final int MAGIC = 0x46554747;

  private static final int LAST_VERSION = 3;

  /** The longest key, and the longest text in a list; docs/gguf.md limits keys to this. */
  private static final int LONGEST_KEY = (1 << 16) - 1;

  /** The longest single value is a chat template. */
  private static final int LONGEST_TEXT = 16 << 20;

  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  /** Sizes of the value types, 0 if a type has no fixed size. */
  private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  /** Arrays of arrays of arrays do not occur. */
  private static final int MAX_DEPTH = 4;

  /**
   * How a file begins.
   *
   * @param version 1 to 3
   * @param tensors how many tensors it says it has
   */
  public record Header(int version, ByteOrder order, long tensors) {}

  /**
   * A value that is an array: its length, and its elements if they are kept.
   *
   * @param numbers the elements, true as 1; empty if they are not numbers or too many
   * @param texts the elements; empty if they are not texts or too many
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Array(long length, double[] numbers, List<String> texts) {
    private static Array skipped(long length) {
      return new Array(length, new double[0], List.of());
    }
  }

  private final GgufInput in;
  private final int maxNumbers;
  private final int maxTexts;

  private GgufMetadata(GgufInput in, int maxNumbers, int maxTexts) {
    this.in = in;
    this.maxNumbers = maxNumbers;
    this.maxTexts = maxTexts;
  }

  /**
   * Reads from a file's first byte.
   *
   * @throws IOException when it is not a GGUF file, has an unknown version, or ends within the
   *     header; names file and byte
   */
  public static Header header(GgufInput in) throws IOException {
    if (in.left() < 4 || in.int32() != MAGIC) {
      throw in.error(0, "is not a GGUF file");
    }
    int version = in.int32();
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    if ((version & 0xFFFF) == 0) {
      // written on a machine with the other byte order
      order = ByteOrder.BIG_ENDIAN;
      in.order(order);
      version = Integer.reverseBytes(version);
    }
    if (version < 1 || version > LAST_VERSION) {
      throw in.error(4, "GGUF version " + version + "; 1 to " + LAST_VERSION + " are known");
    }
    in.wide(version > 1);
    return new Header(version, order, in.count());
  }

  /**
   * Reads the keys, which follow the header.
   *
   * @param wanted the keys to read; others are skipped
   * @param maxNumbers of an array; one with more is skipped
   * @param maxTexts of an array; one with more is skipped
   * @return values by key: Long, Double, Boolean, String or {@link Array}
   * @throws IOException when the file is truncated or has one of the keys twice; names file and
   *     byte
   */
  public static Map<String, Object> keys(
      GgufInput in, Predicate<String> wanted, int maxNumbers, int maxTexts) throws IOException {
    GgufMetadata metadata = new GgufMetadata(in, maxNumbers, maxTexts);
    // a key has at least its length, a type and a value
    long count = in.count(in.countBytes() + 5);
    Map<String, Object> values = new HashMap<>();
    for (long i = 0; i < count; i++) {
      long at = in.at();
      String key = in.string(LONGEST_KEY);
      int type = in.int32();
      if (!wanted.test(key)) {
        metadata.skip(type);
      } else if (values.put(key, metadata.value(type)) != null) {
        throw in.error(at, "the key \"" + key + "\" occurs twice");
      }
    }
    return values;
  }

  private Object value(int type) throws IOException {
    return switch (type) {
      case BOOL -> in.int8() != 0;
      case STRING -> in.string(LONGEST_TEXT);
      case ARRAY -> array();
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
      default -> throw noSuchType(in.at() - 4, type);
    };
  }

  private Array array() throws IOException {
    long at = in.at();
    int type = elementType();
    if (SIZES[type] > 0) {
      long count = in.count(SIZES[type]);
      if (count > maxNumbers) {
        in.skip(count * SIZES[type]);
        return Array.skipped(count);
      }
      double[] numbers = new double[(int) count];
      for (int i = 0; i < numbers.length; i++) {
        Object value = value(type);
        double flag = Boolean.TRUE.equals(value) ? 1 : 0;
        numbers[i] = value instanceof Number number ? number.doubleValue() : flag;
      }
      return new Array(count, numbers, List.of());
    }
    if (type == ARRAY) {
      return Array.skipped(skipNested(at, 0));
    }
    long count = in.count(in.countBytes());
    if (count > maxTexts) {
      skipTexts(count);
      return Array.skipped(count);
    }
    List<String> texts = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      texts.add(in.string(LONGEST_KEY));
    }
    return new Array(count, new double[0], texts);
  }

  private int elementType() throws IOException {
    long at = in.at();
    int type = in.int32();
    if (type < 0 || type >= SIZES.length) {
      throw noSuchType(at, type);
    }
    return type;
  }

  private void skip(int type) throws IOException {
    if (type == ARRAY) {
      skipArray(0);
    } else if (type == STRING) {
      in.skip(in.count(1));
    } else if (type >= 0 && type < SIZES.length) {
      in.skip(SIZES[type]);
    } else {
      throw noSuchType(in.at() - 4, type);
    }
  }

  private void skipArray(int depth) throws IOException {
    long at = in.at();
    int type = elementType();
    if (SIZES[type] > 0) {
      in.skip(in.count(SIZES[type]) * SIZES[type]);
    } else if (type == STRING) {
      skipTexts(in.count(in.countBytes()));
    } else {
      skipNested(at, depth);
    }
  }

  private void skipTexts(long count) throws IOException {
    for (long i = 0; i < count; i++) {
      in.skip(in.count(1));
    }
  }

  private long skipNested(long at, int depth) throws IOException {
    if (depth == MAX_DEPTH) {
      throw in.error(at, "arrays are nested more than " + MAX_DEPTH + " deep");
    }
    long count = in.count(in.countBytes() + 4);
    for (long i = 0; i < count; i++) {
      skipArray(depth + 1);
    }
    return count;
  }

  private IOException noSuchType(long at, int type) {
    return in.error(at, "there is no value type " + type);
  }
}
