package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.runtime.cpu.format.json.ConfigFiles;
import io.fundamentallm.runtime.cpu.format.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a model that was trained further: all that its files say, but for the type of the
 * weights and the tokens between which a text stands.
 *
 * @param config config.json
 * @param generation generation_config.json; null where there is none
 * @param begin the token that begins a text
 * @param end the tokens that end a text
 */
public record KeptConfig(
    JsonObject config, @Nullable JsonObject generation, OptionalInt begin, Set<Integer> end)
    implements ConfigFiles {
  private static final String TYPE = "torch_dtype";
  private static final String NEWER_TYPE = "dtype";
  private static final Set<String> CHANGED =
      Set.of(TYPE, NEWER_TYPE, "bos_token_id", "eos_token_id");

  @Override
  public void writeConfig(Path file) throws IOException {
    ConfigFiles.write(
        file,
        json -> {
          config.writeTo(json, CHANGED);
          ConfigFiles.writeTokens(json, begin, end);
          json.writeStringField(config.has(NEWER_TYPE) ? NEWER_TYPE : TYPE, "float32");
        });
  }

  @Override
  public void writeGenerationConfig(Path file) throws IOException {
    if (generation == null) {
      Files.deleteIfExists(file);
      return;
    }
    ConfigFiles.write(
        file,
        json -> {
          generation.writeTo(json, CHANGED);
          ConfigFiles.writeTokens(json, begin, end);
        });
  }
}
