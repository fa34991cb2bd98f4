package io.fundamentallm.runtime.cpu.format.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.runtime.cpu.format.json.JsonFormat;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses and checks the header of a safetensors file. */
public final class SafeTensorsHeader {
  /** The bound that Hugging Face's own reader sets. */
  private static final long LARGEST = 100_000_000;

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
   * Where a tensor lies.
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
   * @throws IOException when the file cannot be read or is not whole; names file and byte offset
   */
  static Map<String, Entry> read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw new IOException(
          file
              + ": "
              + size
              + " bytes are too few for a safetensors file, whose header length takes 8");
    }
    long length = readFully(channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Math.min(LARGEST, size - 8)) {
      throw new IOException(
          file
              + ": at byte 0 a header of "
              + Long.toUnsignedString(length)
              + " bytes is claimed; expected 2 to "
              + Math.min(LARGEST, size - 8));
    }
    byte[] json = readFully(channel, 8, (int) length).array();
    SafeTensorsHeader header = new SafeTensorsHeader(file, 8 + length, size);
    try (JsonParser parser = JsonFormat.FACTORY.createParser(json)) {
      Map<String, Entry> entries = header.entries(parser);
      header.checkPlaces(entries);
      return entries;
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new IOException(
          file
              + ": the header's JSON is malformed at byte "
              + (8 + at)
              + ": "
              + e.getOriginalMessage(),
          e);
    } catch (CharConversionException e) {
      throw new IOException(
          file + ": the header's JSON is malformed from byte 8: " + e.getMessage(), e);
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

  private Map<String, Entry> entries(JsonParser parser) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    expect(parser, parser.nextToken(), JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT, "an object for \"" + name + "\"");
      if (name.equals("__metadata__")) {
        parser.skipChildren();
      } else {
        entries.put(name, entry(parser, name));
      }
    }
    expect(parser, parser.currentToken(), JsonToken.END_OBJECT, "the end of the header");
    return entries;
  }

  private Entry entry(JsonParser parser, String name) throws IOException {
    String type = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> type = parser.getText();
        case "shape" -> shape = numbers(parser, name, "shape");
        case "data_offsets" -> offsets = numbers(parser, name, "data_offsets");
        default ->
            throw problem(parser, "tensor \"" + name + "\" has an unknown key \"" + key + "\"");
      }
    }
    if (type == null || shape == null || offsets == null || offsets.length != 2) {
      throw problem(parser, "tensor \"" + name + "\" needs dtype, shape and two data_offsets");
    }
    Integer bytes = BYTES.get(type);
    if (bytes == null) {
      throw problem(parser, "tensor \"" + name + "\" has the unknown dtype \"" + type + "\"");
    }
    long size = bytes;
    try {
      for (long dimension : shape) {
        size = Math.multiplyExact(size, dimension);
      }
    } catch (ArithmeticException e) {
      throw problem(
          parser, "tensor \"" + name + "\" has the impossible shape " + Arrays.toString(shape));
    }
    if (offsets[0] > offsets[1] || offsets[1] > fileSize - dataAt) {
      throw problem(
          parser,
          "tensor \""
              + name
              + "\" lies at "
              + Arrays.toString(offsets)
              + ", but the data end at "
              + (fileSize - dataAt));
    }
    if (offsets[1] - offsets[0] != size) {
      throw problem(
          parser,
          "tensor \""
              + name
              + "\" of type "
              + type
              + " and shape "
              + Arrays.toString(shape)
              + " needs "
              + size
              + " bytes, but has "
              + (offsets[1] - offsets[0]));
    }
    return new Entry(type, shape, dataAt + offsets[0], dataAt + offsets[1]);
  }

  private long[] numbers(JsonParser parser, String name, String key) throws IOException {
    String what = "a list of whole numbers for " + key + " of tensor \"" + name + "\"";
    expect(parser, parser.currentToken(), JsonToken.START_ARRAY, what);
    long[] numbers = new long[4];
    int count = 0;
    while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count] = parser.getLongValue();
      if (numbers[count++] < 0) {
        throw problem(parser, "expected " + what + ", none negative");
      }
    }
    expect(parser, parser.currentToken(), JsonToken.END_ARRAY, what);
    return Arrays.copyOf(numbers, count);
  }

  /** Tensors may not overlap, and every byte of data belongs to one. */
  private void checkPlaces(Map<String, Entry> entries) throws IOException {
    List<Map.Entry<String, Entry>> byPlace = new ArrayList<>(entries.entrySet());
    byPlace.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = dataAt;
    for (Map.Entry<String, Entry> entry : byPlace) {
      if (entry.getValue().begin() != at) {
        throw new IOException(
            file
                + ": tensor \""
                + entry.getKey()
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
          file + ": the last tensor ends at byte " + at + ", but the file has " + fileSize);
    }
  }

  private void expect(JsonParser parser, JsonToken actual, JsonToken expected, String what)
      throws IOException {
    if (actual != expected) {
      throw problem(parser, "expected " + what);
    }
  }

  private IOException problem(JsonParser parser, String what) {
    return new IOException(
        file + ": header, byte " + (8 + parser.currentLocation().getByteOffset()) + ": " + what);
  }
}
