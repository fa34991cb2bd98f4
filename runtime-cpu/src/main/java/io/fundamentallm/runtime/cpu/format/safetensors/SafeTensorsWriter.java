package io.fundamentallm.runtime.cpu.format.safetensors;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.runtime.cpu.format.json.JsonFormat;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

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

  private static byte[] header(List<Tensor> tensors) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonFormat.FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("__metadata__");
      json.writeStringField("format", "pt"); // Hugging Face transformers asks for it
      json.writeEndObject();
      long at = 0;
      for (Tensor tensor : tensors) {
        long end = at + (long) tensor.elements() * Float.BYTES;
        json.writeObjectFieldStart(tensor.name);
        json.writeStringField("dtype", "F32");
        json.writeFieldName("shape");
        int[] shape = tensor.shape.stream().mapToInt(Integer::intValue).toArray();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {at, end}, 0, 2);
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' '); // so that the data are aligned, as the reference writer does
    }
    return bytes.toByteArray();
  }
}
