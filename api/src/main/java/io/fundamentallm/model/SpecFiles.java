package io.fundamentallm.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Reads the files that a spec names with {@code @}; see {@link
 * io.fundamentallm.Registry#withFiles}. Called when a recipe is made from the spec, never while it
 * is parsed. Thread-safe.
 */
@FunctionalInterface
public interface SpecFiles {
  /** The most bytes that {@link #fileSystem()} reads of a file: 16 MiB. */
  int MAX_BYTES = 16 << 20;

  /**
   * The text of a file.
   *
   * @param file as written in the spec, without the {@code @}
   * @throws IOException that says why it cannot be read
   */
  String read(String file) throws IOException;

  /**
   * Files of the default file system, in UTF-8. One of more than {@link #MAX_BYTES} is an error.
   */
  static SpecFiles fileSystem() {
    return file -> {
      byte[] bytes;
      try (InputStream input = Files.newInputStream(Path.of(file))) {
        bytes = input.readNBytes(MAX_BYTES + 1); // the size that the system reports may be wrong
      } catch (InvalidPathException e) {
        throw new IOException("no file can have this name: " + e.getMessage(), e);
      }
      if (bytes.length > MAX_BYTES) {
        throw new IOException(
            "it has "
                + Math.max(bytes.length, Files.size(Path.of(file)))
                + " bytes, more than the "
                + MAX_BYTES
                + " that are read (16 MiB)");
      }
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new IOException("it is no text in UTF-8", e);
      }
    };
  }

  /** No files at all: for specs written by others, such as a service's clients. */
  static SpecFiles none() {
    return file -> {
      throw new IOException("no file is read here; write the text itself, in quotes");
    };
  }
}
