package io.fundamentallm.webservice.model;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is known of a model before it is loaded.
 *
 * @param bytes of its files, and those of its adapter
 * @param created when the service learned of it, in seconds since 1970
 * @param contextLength the most tokens that it sees, if its files say so in JSON
 * @param capabilities by the names that Ollama has for them, but for {@code chat}
 */
public record ModelDescription(
    ModelSource source,
    long bytes,
    long created,
    OptionalInt contextLength,
    List<String> capabilities) {
  public String name() {
    return source.name();
  }

  /**
   * Reads the tokenizer, and no weights.
   *
   * @throws IOException if the files are not those of a model
   */
  static ModelDescription of(ModelSource source) throws IOException {
    long bytes = size(source.path());
    if (source.adapter() != null) {
      bytes += size(source.adapter());
    }
    return new ModelDescription(
        source,
        bytes,
        Instant.now().getEpochSecond(),
        contextLength(source.path().resolve("config.json")),
        capabilities(Tokenizers.load(source.path())));
  }

  private static long size(Path model) throws IOException {
    try (Stream<Path> files = Files.walk(model.toRealPath(), 1)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private static OptionalInt contextLength(Path config) {
    try {
      JsonNode read = new JsonMapper().readTree(Files.readString(config));
      for (String key : List.of("max_position_embeddings", "n_positions", "n_ctx")) {
        if (read.path(key).isInt()) {
          return OptionalInt.of(read.path(key).intValue());
        }
      }
    } catch (IOException | JacksonException e) {
      // a GGUF file has none; what is wrong with a directory is said when it is loaded
    }
    return OptionalInt.empty();
  }

  private static List<String> capabilities(Tokenizer tokenizer) {
    List<String> all = new ArrayList<>(List.of("completion"));
    Optional<ChatTemplate> template = tokenizer.chatTemplate();
    if (template.isPresent()) {
      all.addAll(List.of("chat", "tools"));
    }
    if (template.filter(ChatTemplate::thinks).isPresent()) {
      all.add("thinking");
    }
    return List.copyOf(all);
  }
}
