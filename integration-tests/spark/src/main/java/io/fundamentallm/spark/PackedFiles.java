package io.fundamentallm.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The files of a directory as bytes, to send between driver and executors. */
final class PackedFiles {
  private PackedFiles() {}

  /**
   * Packs the files of a directory, but not its subdirectories.
   *
   * @param wanted by name
   * @throws IOException if one cannot be read, or together they exceed 2 GB
   */
  static byte[] pack(Path directory, Predicate<String> wanted) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> wanted.test(file.getFileName().toString()))
              .sorted()
              .toList();
    }
    long size = Integer.BYTES;
    for (Path file : files) {
      size += Files.size(file) + 1000;
    }
    if (size > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "the files of "
              + directory
              + " have "
              + size
              + " bytes, more than an array holds: the model is too large to be trained this way");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) size);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(files.size());
      for (Path file : files) {
        out.writeUTF(file.getFileName().toString());
        out.writeInt((int) Files.size(file));
        Files.copy(file, out);
      }
    }
    return bytes.toByteArray();
  }

  /** Writes the files into a directory, which is created if missing. */
  static void unpack(byte[] packed, Path directory) throws IOException {
    Files.createDirectories(directory);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(packed))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        Path file = directory.resolve(in.readUTF());
        if (!directory.equals(file.getParent())) {
          throw new IOException(file + " is not a file in " + directory);
        }
        Files.write(file, in.readNBytes(in.readInt()));
      }
    }
  }

  /** Deletes a directory with everything in it. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
