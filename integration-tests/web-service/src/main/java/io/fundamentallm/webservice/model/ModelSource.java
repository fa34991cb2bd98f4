package io.fundamentallm.webservice.model;

import io.fundamentallm.model.Spec;
import io.fundamentallm.webservice.settings.ModelSettings;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that can be loaded.
 *
 * @param name what clients call it
 * @param path its directory or file
 * @param adapter of a LoRA adapter; null for none
 * @param runtime the spec of what runs it, with the adapter; null for one that can
 */
record ModelSource(String name, Path path, @Nullable Path adapter, @Nullable String runtime) {
  /** The one that the service starts with. */
  static ModelSource first(ServiceSettings settings) {
    Path path = settings.requiredModel();
    String given = settings.modelName();
    return new ModelSource(given == null ? nameOf(path) : given, path, null, settings.runtime());
  }

  /** A further one. */
  static ModelSource further(String name, ModelSettings its, ServiceSettings settings) {
    Path path = its.path() == null ? settings.requiredModel() : its.path();
    String runtime = its.runtime() == null ? settings.runtime() : its.runtime();
    return new ModelSource(
        name,
        path,
        its.adapter(),
        its.adapter() == null ? runtime : with(runtime == null ? "cpu" : runtime, its.adapter()));
  }

  /** The model's name, from the name of its directory or file. */
  static String nameOf(Path model) {
    Path last = model.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString().replaceFirst("\\.gguf$", "");
  }

  private static String with(String runtime, Path adapter) {
    Spec.Stage stage = Spec.single(runtime);
    Map<String, String> options = new LinkedHashMap<>(stage.options());
    options.put("adapter", adapter.toString());
    return options.entrySet().stream()
        .map(option -> option.getKey() + "=" + Spec.quoted(option.getValue()))
        .collect(Collectors.joining(",", stage.name() + "(", ")"));
  }
}
