package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.internal.files.Uninterrupted;
import io.fundamentallm.internal.gguf.GgufInput;
import io.fundamentallm.internal.gguf.GgufMetadata;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads the header of a GGUF file, version 2 or 3: the keys, then the list of {@link GgufTensors}.
 */
public final class GgufFile {
  /** The longest array that is kept: one number for each layer. */
  private static final int MAX_KEPT = 1 << 12;

  private final Path file;
  private final GgufInput in;

  private GgufFile(Path file, GgufInput in) {
    this.file = file;
    this.in = in;
  }

  /**
   * The metadata only.
   *
   * @throws IOException when the file cannot be read or is incomplete; names file and byte
   */
  public static GgufKeys keys(Path path) throws IOException {
    return Uninterrupted.read(
        () -> {
          GitLfsPointer.refuse(path);
          try (FileChannel channel = FileChannel.open(path)) {
            GgufFile gguf = new GgufFile(path, new GgufInput(path, channel));
            gguf.begin();
            GgufKeys keys = gguf.readKeys();
            GgufParts.requireFirst(path, keys);
            return keys;
          }
        });
  }

  /** What a file holds. */
  public record Contents(GgufKeys keys, TensorFiles tensors) {}

  /**
   * Opens a file, and the others if it is the first of several.
   *
   * @throws IOException when one cannot be read, is incomplete or missing, or does not match the
   *     others; names file and tensor, key or byte
   */
  public static Contents open(Path path) throws IOException {
    return Uninterrupted.read(() -> contents(path));
  }

  private static Contents contents(Path path) throws IOException {
    MappedFile mapped = MappedFile.open(path);
    GgufParts parts = null;
    try {
      GgufFile gguf = new GgufFile(path, new GgufInput(path, mapped.channel()));
      long tensors = gguf.begin();
      GgufKeys keys = gguf.readKeys();
      parts = new GgufParts(path, keys);
      parts.add(new GgufTensors(mapped, gguf.in).read(keys, tensors));
      parts.own(mapped);
      for (int number = 2; number <= parts.count(); number++) {
        addPart(parts, number);
      }
      return new Contents(keys, parts.all());
    } catch (IOException | RuntimeException e) {
      mapped.close();
      if (parts != null) {
        parts.close();
      }
      throw e;
    }
  }

  private static void addPart(GgufParts parts, int number) throws IOException {
    Path path = parts.file(number);
    MappedFile mapped = MappedFile.open(path);
    parts.own(mapped);
    GgufFile gguf = new GgufFile(path, new GgufInput(path, mapped.channel()));
    long tensors = gguf.begin();
    GgufKeys keys = gguf.readKeys();
    parts.require(number, keys);
    parts.add(new GgufTensors(mapped, gguf.in).read(keys, tensors));
  }

  /** Returns the number of tensors. */
  private long begin() throws IOException {
    GgufMetadata.Header header = GgufMetadata.header(in);
    if (header.order() != ByteOrder.LITTLE_ENDIAN) {
      throw in.error(4, "is a big-endian GGUF file; this runtime reads little-endian ones");
    }
    if (header.version() < 2) {
      throw in.error(
          4, "GGUF version " + header.version() + "; this runtime reads versions 2 and 3");
    }
    // a tensor has at least the length of its name, a count of dimensions, a type and an offset
    if (header.tensors() < 0 || header.tensors() > in.left() / 24) {
      throw in.error(
          8,
          Long.toUnsignedString(header.tensors())
              + " tensors of 24 bytes or more are announced, but only "
              + in.left()
              + " bytes are left");
    }
    return header.tensors();
  }

  private GgufKeys readKeys() throws IOException {
    return new GgufKeys(file, GgufMetadata.keys(in, key -> true, MAX_KEPT, 0));
  }
}
