package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.runtime.cpu.format.quantize.RowEncoder;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a GGUF file, version 3: header, keys, list of tensors, then their bytes. A few million
 * numbers are in memory at a time; rows are encoded on the common pool.
 */
final class TensorFile {
  private static final int MAGIC = 0x46554747;
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;

  /** Numbers that one task encodes, unless a single row has more. */
  private static final int CHUNK = 1 << 17;

  /** Tasks under way together: enough for all processors, and a bound on memory. */
  private static final int TASKS = 32;

  /** A tensor, its type, and the importance of its columns. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(FileTensor tensor, TensorType type, float @Nullable [] importance) {
    private int rowBytes() {
      return RowEncoder.bytes(type, tensor.matrix().columns());
    }

    private long bytes() {
      return (long) rowBytes() * tensor.matrix().rows();
    }
  }

  private TensorFile() {}

  /** Replaces a file as a whole. */
  static void write(Path file, MetadataWriter keys, List<Entry> entries) throws IOException {
    MetadataWriter header = new MetadataWriter();
    header.int32(MAGIC);
    header.int32(VERSION);
    header.int64(entries.size());
    header.int64(keys.count());
    header.append(keys.toByteArray(), 0);
    long offset = 0;
    for (Entry entry : entries) {
      long[] shape = entry.tensor.shape();
      header.text(entry.tensor.name());
      header.int32(shape.length);
      for (int i = shape.length - 1; i >= 0; i--) { // the innermost first
        header.int64(shape[i]);
      }
      header.int32(FileType.number(entry.type));
      header.int64(offset);
      offset = aligned(offset + entry.bytes());
    }
    AtomicFile.write(
        file,
        channel -> {
          byte[] head = header.toByteArray();
          write(channel, head, head.length);
          pad(channel, head.length);
          for (Entry entry : entries) {
            try {
              write(channel, entry);
            } catch (IllegalArgumentException e) {
              throw new IOException(
                  file
                      + ": tensor \""
                      + entry.tensor.name()
                      + "\" cannot be written as "
                      + entry.type
                      + ": "
                      + e.getMessage(),
                  e);
            }
            pad(channel, entry.bytes());
          }
        });
  }

  private static long aligned(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void pad(FileChannel channel, long size) throws IOException {
    byte[] zeros = new byte[(int) (aligned(size) - size)];
    write(channel, zeros, zeros.length);
  }

  private static void write(FileChannel channel, byte[] bytes, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static void write(FileChannel channel, Entry entry) throws IOException {
    Matrix matrix = entry.tensor.matrix();
    int step = Math.max(1, CHUNK / matrix.columns());
    List<Integer> starts = new ArrayList<>();
    for (int row = 0; row < matrix.rows(); row += step) {
      starts.add(row);
    }
    for (int at = 0; at < starts.size(); at += TASKS) {
      List<Integer> some = starts.subList(at, Math.min(starts.size(), at + TASKS));
      List<byte[]> parts;
      try {
        parts =
            IntStream.range(0, some.size())
                .parallel()
                .mapToObj(i -> encoded(entry, some.get(i), step))
                .toList();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      for (byte[] part : parts) {
        write(channel, part, part.length);
      }
    }
  }

  private static byte[] encoded(Entry entry, int row, int most) {
    Matrix matrix = entry.tensor.matrix();
    int rows = Math.min(most, matrix.rows() - row);
    int columns = matrix.columns();
    float[] numbers = new float[rows * columns];
    try {
      matrix.read(row, rows, numbers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] bytes = new byte[rows * entry.rowBytes()];
    for (int i = 0; i < rows; i++) {
      RowEncoder.encode(
          entry.type, numbers, i * columns, columns, entry.importance, bytes, i * entry.rowBytes());
    }
    return bytes;
  }
}
