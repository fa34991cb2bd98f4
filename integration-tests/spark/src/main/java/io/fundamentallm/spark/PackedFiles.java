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

/** The files of a directory as bytes, to travel between driver and executors. */
final class PackedFiles {
  private PackedFiles() {}

  /**
   * Packs the files of a directory, but none of directories in it.
   *
   * @param wanted by name
   * @throws IOException when one cannot be read, or all have more than 2 GB together
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

  /** Writes the files into a directory, which is made where it is missing. */
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

  /** Deletes a directory with all that is in it. */
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
