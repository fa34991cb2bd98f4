package io.fundamentallm.runtime.gpu.graph;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * What a model directory says but its graph does not. The keys of config.json are those of Hugging
 * Face transformers, which differ between GPT-2 and later families; where it says nothing,
 * genai_config.json is used.
 */
public final class ModelConfig {
  private final ModelSettings settings;
  private final JsonObject decoder;

  private ModelConfig(ModelSettings settings) throws IOException {
    this.settings = settings;
    this.decoder = settings.genAi().within("decoder");
  }

  /**
   * Reads the files.
   *
   * @throws IOException when one is malformed, or both are missing
   */
  public static ModelConfig read(Path directory) throws IOException {
    Path config = directory.resolve(ModelSettings.CONFIG);
    if (!Files.isRegularFile(config)
        && !Files.isRegularFile(directory.resolve(ModelSettings.GENAI_CONFIG))) {
      throw new NoSuchFileException(config.toString(), null, "expected a JSON file here");
    }
    return new ModelConfig(ModelSettings.readWithGenAi(directory));
  }

  /** The file that says most, for error messages. */
  public Path file() {
    return settings
        .directory()
        .resolve(
            settings.config().names().isEmpty()
                ? ModelSettings.GENAI_CONFIG
                : ModelSettings.CONFIG);
  }

  /** {@code model_type}. */
  public String architecture() throws IOException {
    String type = settings.genAi().text("type", "onnx");
    return settings.config().text("model_type", type);
  }

  /** Empty if the files do not say; then the graph does. */
  public OptionalInt vocabularySize() throws IOException {
    OptionalInt configured = settings.config().firstSize("vocab_size");
    return configured.isPresent() ? configured : settings.genAi().firstSize("vocab_size");
  }

  public int contextLength() throws IOException {
    return settings.contextLength();
  }

  public BoundaryTokens boundaryTokens(int vocabularySize) throws IOException {
    return settings.boundaryTokens(vocabularySize);
  }

  /** Empty if the files do not say. */
  public OptionalInt hiddenSize() throws IOException {
    return size("n_embd", "hidden_size");
  }

  /** Empty if the files do not say. */
  public OptionalInt layers() throws IOException {
    return size("n_layer", "num_hidden_layers");
  }

  /** Empty if the files do not say. */
  public OptionalInt heads() throws IOException {
    return size("n_head", "num_attention_heads");
  }

  private OptionalInt size(String gpt2Key, String key) throws IOException {
    OptionalInt configured = settings.config().firstSize(gpt2Key, key);
    return configured.isPresent() ? configured : decoder.firstSize(key);
  }

  JsonObject decoder() {
    return decoder;
  }
}
