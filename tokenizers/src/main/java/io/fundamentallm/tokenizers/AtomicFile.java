package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a JSON file as a whole: temporary file beside it, fsync, rename. A kill at any moment
 * leaves the file that was there before.
 */
final class AtomicFile {
  private static final JsonFactory FACTORY = new JsonFactory();

  private AtomicFile() {}

  /** Writes the content. */
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Writes a file; its directory is made where it is missing. */
  static void write(Path file, Content content) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " has no directory");
    }
    Files.createDirectories(directory);
    // not Files.createTempFile: that hides the file from other users, and the rename keeps it so
    String suffix = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path temporary = directory.resolve(file.getFileName() + "." + suffix + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        // closing the generator would close the channel before the fsync
        OutputStream out = Channels.newOutputStream(channel);
        JsonGenerator json = FACTORY.createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.setPrettyPrinter(new DefaultPrettyPrinter());
        try (json) {
          content.writeTo(json);
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
