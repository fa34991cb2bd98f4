package io.fundamentallm.runtime.cpu.format.safetensors;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a safetensors file of 32-bit floats, atomically. */
public final class SafeTensorsWriter {
  private static final int CHUNK = 1 << 20;

  /**
   * A tensor to write.
   *
   * @param name unique in the file
   * @param shape sizes of its dimensions
   * @param values holds them, row-major
   * @param at index of the first
   */
  @SuppressWarnings("ArrayRecordComponent") // lives for one write, never compared
  public record Tensor(String name, List<Integer> shape, float[] values, int at) {
    int elements() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  private SafeTensorsWriter() {}

  /** Writes the tensors in this order. */
  public static void write(Path file, List<Tensor> tensors) throws IOException {
    byte[] header = header(tensors);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          writeFully(channel, length.putLong(header.length).flip());
          writeFully(channel, ByteBuffer.wrap(header));
          ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
          for (Tensor tensor : tensors) {
            write(channel, tensor, bytes);
          }
        });
  }

  private static void write(FileChannel channel, Tensor tensor, ByteBuffer bytes)
      throws IOException {
    int end = tensor.at + tensor.elements();
    for (int at = tensor.at; at < end; ) {
      int count = Math.min(CHUNK / Float.BYTES, end - at);
      bytes.clear();
      bytes.asFloatBuffer().put(tensor.values, at, count);
      writeFully(channel, bytes.limit(count * Float.BYTES));
      at += count;
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static byte[] header(List<Tensor> tensors) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("__metadata__", Map.of("format", "pt")); // Hugging Face transformers asks for it
    long at = 0;
    for (Tensor tensor : tensors) {
      long end = at + (long) tensor.elements() * Float.BYTES;
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", "F32");
      entry.put("shape", tensor.shape);
      entry.put("data_offsets", List.of(at, end));
      fields.put(tensor.name, entry);
      at = end;
    }
    byte[] json = JsonWriter.compact(fields).getBytes(StandardCharsets.UTF_8);
    // aligns the data, as the reference writer does
    byte[] header = Arrays.copyOf(json, (json.length + 7) & ~7);
    Arrays.fill(header, json.length, header.length, (byte) ' ');
    return header;
  }
}
