package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Finds a runtime for a model directory. The grammar of specs stands at {@link Spec}. */
public final class LanguageModels {
  private LanguageModels() {}

  /** Loads with the parts found on the class or module path. */
  public static LanguageModel load(Path directory) throws IOException {
    return load(directory, Registry.standard());
  }

  /**
   * Loads a model directory by the runtime of the highest priority that supports it; or by the one
   * that the system property {@code fundamentallm.runtime} or the environment variable {@code
   * FUNDAMENTALLM_RUNTIME} names.
   *
   * @throws IOException when a file is missing, unreadable or malformed; names file and byte offset
   * @throws ProviderException when no runtime supports the directory; lists each with its reason
   */
  public static LanguageModel load(Path directory, Registry registry) throws IOException {
    requireNonNull(directory, "directory");
    String configured = Configuration.get("runtime").orElse(null);
    if (configured != null) {
      return load(directory, configured, registry);
    }
    StringBuilder reasons = new StringBuilder();
    for (LanguageModelProvider provider : registry.all(LanguageModelProvider.class)) {
      Support support = Registry.supports(provider, () -> provider.supports(directory));
      if (support.supported()) {
        Options none = Options.of(provider.name(), Map.of());
        return Registry.linked(provider, () -> provider.load(directory, none));
      }
      reasons.append("\n  ").append(provider.name()).append(": ").append(support.reason());
    }
    throw registry.unsupported(
        LanguageModelProvider.class, "no runtime can load the model in " + directory, reasons);
  }

  /** Loads with the named runtime, found on the class or module path. */
  public static LanguageModel load(Path directory, String spec) throws IOException {
    return load(directory, spec, Registry.standard());
  }

  /**
   * Loads with the named runtime.
   *
   * @param spec such as {@code cpu} or {@code gpu(device=cuda:0)}
   * @throws IOException when a file is missing, unreadable or malformed; names file and byte offset
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel load(Path directory, String spec, Registry registry)
      throws IOException {
    requireNonNull(directory, "directory");
    Spec.Stage stage = Spec.single(spec);
    LanguageModelProvider provider = registry.find(LanguageModelProvider.class, stage.name());
    Options options = Options.of(stage.name(), stage.options());
    LanguageModel model = Registry.linked(provider, () -> provider.load(directory, options));
    try {
      options.requireAllUsed();
    } catch (IllegalArgumentException e) {
      model.close();
      throw e;
    }
    return model;
  }
}
