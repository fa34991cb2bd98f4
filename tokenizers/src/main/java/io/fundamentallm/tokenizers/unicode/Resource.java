package io.fundamentallm.tokenizers.unicode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The tables beside the classes of this package; their generator shows how they are made. */
final class Resource {
  private Resource() {}

  static byte[] read(String name) {
    try (InputStream in = Resource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the table " + name + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the table " + name + " cannot be read", e);
    }
  }
}
