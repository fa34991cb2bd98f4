package io.fundamentallm.internal.directory;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** adapter_config.json of PEFT (Hugging Face): what tells an adapter from a model. */
public final class AdapterConfig {
  public static final String FILE = "adapter_config.json";

  private AdapterConfig() {}

  /** Whether a directory has an adapter, and no model. */
  public static boolean isAlone(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE))
        && Files.notExists(directory.resolve(ModelSettings.CONFIG));
  }

  /**
   * How an adapter names its base: as the hub does, else by the path that was given. Of an absolute
   * one, which says more of a machine than of a model, only the last name is told.
   */
  public static String baseName(Optional<String> hub, Path model) {
    @Nullable Path last = model.getFileName();
    return hub.orElseGet(
        () -> model.isAbsolute() && last != null ? last.toString() : model.toString());
  }

  /** What such a directory is, and how it is loaded; the end of an error's message. */
  public static String advice(Path directory) {
    String base = base(directory);
    return "it is an adapter of "
        + (base == null ? "a model" : "the model \"" + Json.shown(base) + "\"")
        + ", and no model itself; load that model with the runtime cpu(adapter="
        + value(directory)
        + ")";
  }

  private static @Nullable String base(Path directory) {
    try {
      return JsonObject.read(directory.resolve(FILE)).text("base_model_name_or_path");
    } catch (IOException e) {
      return null; // whoever loads the adapter is told
    }
  }

  /** As a spec's value. */
  private static String value(Path directory) {
    String text = directory.toString();
    return text.matches("[\\w./~-]+")
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
