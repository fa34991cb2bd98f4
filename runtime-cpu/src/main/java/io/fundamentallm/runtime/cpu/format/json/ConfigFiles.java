package io.fundamentallm.runtime.cpu.format.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;

/** The configuration of a model directory; each file is replaced atomically. */
public interface ConfigFiles {
  /** Writes config.json. */
  void writeConfig(Path file) throws IOException;

  /** Writes generation_config.json. */
  void writeGenerationConfig(Path file) throws IOException;

  /** The fields of a JSON object. */
  @FunctionalInterface
  interface Fields {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Writes a file of one JSON object. */
  static void write(Path file, Fields fields) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          JsonGenerator json =
              JsonFormat.FACTORY.createGenerator(Channels.newOutputStream(channel));
          // closing the channel with the generator would come before the fsync
          json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
          try (json) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
          }
        });
  }

  /** Writes {@code bos_token_id} and {@code eos_token_id}. */
  static void writeTokens(JsonGenerator json, OptionalInt begin, Set<Integer> end)
      throws IOException {
    // null, where there is none: a missing key would mean the published model's own
    json.writeFieldName("bos_token_id");
    if (begin.isPresent()) {
      json.writeNumber(begin.getAsInt());
    } else {
      json.writeNull();
    }
    json.writeFieldName("eos_token_id");
    if (end.size() == 1) {
      json.writeNumber(end.iterator().next());
    } else if (end.isEmpty()) {
      json.writeNull();
    } else {
      int[] ids = end.stream().mapToInt(Integer::intValue).toArray();
      json.writeArray(ids, 0, ids.length);
    }
  }
}
