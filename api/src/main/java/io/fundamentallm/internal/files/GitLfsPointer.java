package io.fundamentallm.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The few lines that Git LFS leaves in the place of a large file which was not fetched. */
public final class GitLfsPointer {
  private static final String BEGINNING = "version https://git-lfs.github.com/spec/";

  /** In bytes; its specification asks for less than 1024. */
  private static final int LARGEST = 1024;

  private GitLfsPointer() {}

  /**
   * Refuses a file that is a pointer, before it is taken for a damaged one of its format.
   *
   * @throws IOException when it is one, or cannot be read
   */
  public static void refuse(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) >= LARGEST) {
      return; // who opens it says what is wrong; a pipe can be read only once
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] begin = in.readNBytes(BEGINNING.length());
      if (new String(begin, StandardCharsets.ISO_8859_1).equals(BEGINNING)) {
        throw new IOException(
            file
                + ": it is a pointer of Git LFS and not the file itself; fetch that with git lfs"
                + " pull, or download it");
      }
    }
  }
}
