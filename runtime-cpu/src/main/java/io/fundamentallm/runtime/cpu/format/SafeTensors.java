package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file opened for reading: eight bytes of header length, a JSON header with type,
 * shape and place of each tensor, then the bytes of all tensors without gaps (Hugging Face's
 * format). One thread at a time.
 *
 * <p>Everything the header claims is checked against the length of the file before anything of that
 * size is allocated.
 */
public final class SafeTensors implements AutoCloseable {
  /** Bytes read at a time. */
  private static final int CHUNK = 1 << 20;

  /**
   * Where a tensor lies.
   *
   * @param type the format's name of the number type, such as F32
   * @param shape sizes of its dimensions
   * @param begin first byte, from the beginning of the file
   * @param end byte after its last
   */
  record Entry(String type, long[] shape, long begin, long end) {}

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Entry> entries;

  private SafeTensors(Path file, FileChannel channel, Map<String, Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.entries = entries;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws IOException when the file cannot be read or is not whole; names file and byte offset
   */
  public static SafeTensors open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new SafeTensors(file, channel, SafeTensorsHeader.read(file, channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The names of all tensors. */
  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * Checks that the tensors are at least this large together, before that much is allocated.
   *
   * @throws IOException that names the file and both figures
   */
  public void requireFloats(long expected) throws IOException {
    long bytes = 0;
    for (Entry entry : entries.values()) {
      bytes += entry.end - entry.begin;
    }
    if (bytes / Float.BYTES < expected) {
      throw new IOException(
          file
              + ": holds "
              + bytes
              + " bytes of tensors, too few for the "
              + expected
              + " parameters of the configuration");
    }
  }

  /**
   * Reads a tensor of 32-bit floats.
   *
   * @param shape the sizes that it must have
   * @param into receives the values, row-major
   * @param at index of the first
   * @throws IOException when there is no such tensor, or it has another type or shape; names file
   *     and tensor
   */
  public void read(String name, List<Integer> shape, float[] into, int at) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IOException(file + ": has no tensor \"" + name + "\"");
    }
    if (!Arrays.equals(entry.shape, shape.stream().mapToLong(Integer::longValue).toArray())) {
      throw problem(
          name, entry, "has shape " + Arrays.toString(entry.shape) + ", expected " + shape);
    }
    if (!entry.type.equals("F32")) {
      throw problem(name, entry, "has type " + entry.type + ", expected F32");
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    long position = entry.begin;
    int target = at;
    while (position < entry.end) {
      bytes.clear().limit((int) Math.min(CHUNK, entry.end - position));
      while (bytes.hasRemaining()) {
        int count = channel.read(bytes, position + bytes.position());
        if (count < 0) {
          throw problem(name, entry, "ends early, at byte " + (position + bytes.position()));
        }
      }
      position += bytes.position();
      FloatBuffer floats = bytes.flip().asFloatBuffer();
      int count = floats.remaining();
      floats.get(into, target, count);
      target += count;
    }
  }

  private IOException problem(String name, Entry entry, String what) {
    return new IOException(file + ": tensor \"" + name + "\" at byte " + entry.begin + " " + what);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
