package io.fundamentallm.tokenizers.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;

/** Atomically replaces a JSON file. */
public final class JsonFile {
  /** Without Jackson's own pool, whose thread-locals keep the application's class loader alive. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.nonRecyclingPool()).build();

  private JsonFile() {}

  /** Writes the content. */
  public interface Content {
    /** Writes it. */
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Writes a file; its directory is created if missing. */
  public static void write(Path file, Content content) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          JsonGenerator json = FACTORY.createGenerator(Channels.newOutputStream(channel));
          // closing the channel with the generator would come before the fsync
          json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
          json.setPrettyPrinter(new DefaultPrettyPrinter());
          try (json) {
            content.writeTo(json);
          }
        });
  }
}
