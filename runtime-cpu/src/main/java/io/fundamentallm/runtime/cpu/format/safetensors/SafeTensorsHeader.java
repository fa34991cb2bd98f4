package io.fundamentallm.runtime.cpu.format.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonEntries;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and checks the header of a safetensors file. */
public final class SafeTensorsHeader {
  /** The limit of Hugging Face's own reader. */
  private static final long LARGEST = 100_000_000;

  /** Tensors have a few dimensions; an entry of more values than this is no tensor's. */
  private static final int MAX_VALUES = 1000;

  private static final String TORN = ": the file is torn; copy or download it again";

  /** As a page of an error is. */
  private static final String FOREIGN = ": it is no safetensors file; download the file itself";

  private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

  private static final Map<String, Integer> BYTES =
      Map.ofEntries(
          Map.entry("F64", 8),
          Map.entry("F32", 4),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I64", 8),
          Map.entry("I32", 4),
          Map.entry("I16", 2),
          Map.entry("I8", 1),
          Map.entry("U64", 8),
          Map.entry("U32", 4),
          Map.entry("U16", 2),
          Map.entry("U8", 1),
          Map.entry("BOOL", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("F8_E8M0", 1));

  /**
   * Where a tensor is.
   *
   * @param type the format's name of the number type, such as F32
   * @param shape sizes of its dimensions
   * @param begin first byte, from the beginning of the file
   * @param end byte after its last
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(String type, long[] shape, long begin, long end) {}

  private final Path file;
  private final long dataAt;
  private final long fileSize;

  private SafeTensorsHeader(Path file, long dataAt, long fileSize) {
    this.file = file;
    this.dataAt = dataAt;
    this.fileSize = fileSize;
  }

  /**
   * Reads the header and checks all that it claims against the length of the file, before anything
   * of that size is allocated.
   *
   * @throws IOException when the file cannot be read or is incomplete; names file and byte offset
   */
  static Map<String, Entry> read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw new IOException(
          file
              + ": "
              + size
              + " bytes are too few for a safetensors file, whose header length takes 8"
              + TORN);
    }
    long length = readFully(channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Math.min(LARGEST, size - 8)) {
      throw new IOException(
          file
              + ": at byte 0 a header of "
              + Long.toUnsignedString(length)
              + " bytes is claimed; expected 2 to "
              + Math.min(LARGEST, size - 8)
              + (length >= 2 && length <= LARGEST ? TORN : FOREIGN));
    }
    SafeTensorsHeader header = new SafeTensorsHeader(file, 8 + length, size);
    try {
      Map<String, Entry> entries = header.entries(text(readFully(channel, 8, (int) length)));
      header.checkPlaces(entries);
      return entries;
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": the header from byte 8 is not UTF-8", e);
    }
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return bytes.flip();
  }

  /** Checks in small steps first: a decoder that does both needs two more bytes for each. */
  private static String text(ByteBuffer bytes) throws CharacterCodingException {
    CharsetDecoder decoder = UTF_8.newDecoder();
    CharBuffer some = CharBuffer.allocate(1 << 13);
    ByteBuffer unread = bytes.duplicate();
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      result = decoder.decode(unread, some.clear(), true);
    }
    if (result.isError()) {
      result.throwException();
    }
    return new String(bytes.array(), bytes.arrayOffset(), bytes.limit(), UTF_8);
  }

  private Map<String, Entry> entries(String header) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    JsonEntries.read(
        header,
        file + ": header",
        8,
        MAX_VALUES,
        "__metadata__",
        (name, json) -> entries.put(name, entry(json)));
    return entries;
  }

  private Entry entry(JsonObject json) throws IOException {
    if (!json.names().equals(KEYS)) {
      throw json.problem(
          "has the keys "
              + Json.shown(json.names().toString())
              + ", expected dtype, shape and data_offsets");
    }
    String type = json.text("dtype", "");
    long[] shape = numbers(json, "shape");
    long[] offsets = numbers(json, "data_offsets");
    Integer bytes = BYTES.get(type);
    if (bytes == null) {
      throw json.problem("dtype", "which is unknown");
    }
    long size = bytes;
    try {
      for (long dimension : shape) {
        size = Math.multiplyExact(size, dimension);
      }
    } catch (ArithmeticException e) {
      throw json.problem("has the impossible shape " + shown(shape));
    }
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > fileSize - dataAt) {
      throw json.problem(
          "lies at "
              + shown(offsets)
              + ", but the data end at "
              + (fileSize - dataAt)
              + (offsets.length == 2 && offsets[0] <= offsets[1] ? TORN : ""));
    }
    if (offsets[1] - offsets[0] != size) {
      throw json.problem(
          "of type "
              + type
              + " and shape "
              + shown(shape)
              + " needs "
              + size
              + " bytes, but has "
              + (offsets[1] - offsets[0]));
    }
    return new Entry(type, shape, dataAt + offsets[0], dataAt + offsets[1]);
  }

  private static String shown(long[] numbers) {
    return Json.shown(Arrays.toString(numbers));
  }

  private static long[] numbers(JsonObject json, String key) throws IOException {
    if (json.values().get(key) instanceof List<?> list) {
      try {
        long[] numbers = list.stream().mapToLong(SafeTensorsHeader::number).toArray();
        if (Arrays.stream(numbers).allMatch(number -> number >= 0)) {
          return numbers;
        }
      } catch (ArithmeticException e) {
        // refused below, like a negative number
      }
    }
    throw json.problem(key, "expected a list of whole numbers, none negative");
  }

  private static long number(@Nullable Object value) {
    if (value instanceof BigDecimal number && Math.abs((long) number.scale()) < 20) {
      return number.longValueExact();
    }
    throw new ArithmeticException("no whole number");
  }

  /** Tensors may not overlap, and every byte of data belongs to one. */
  private void checkPlaces(Map<String, Entry> entries) throws IOException {
    List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(entries.entrySet());
    byOffset.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = dataAt;
    for (Map.Entry<String, Entry> entry : byOffset) {
      if (entry.getValue().begin() != at) {
        throw new IOException(
            file
                + ": tensor \""
                + Json.shown(entry.getKey())
                + "\" begins at byte "
                + entry.getValue().begin()
                + ", expected "
                + at
                + ", the end of the one before it");
      }
      at = entry.getValue().end();
    }
    if (at != fileSize) {
      throw new IOException(
          file
              + ": the last tensor ends at byte "
              + at
              + ", but the file has "
              + fileSize
              + (at > fileSize ? TORN : ""));
    }
  }
}
