package io.fundamentallm.webservice.settings;

import jakarta.validation.Valid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The properties {@code fundamentallm.…} of the service. Immutable.
 *
 * @param model directory or file of the model
 * @param modelName what clients call the model; by default the name of the directory or file
 * @param sampler spec of the sampler that applies if a request sets nothing; by default what the
 *     model's generation_config.json says, otherwise a plain draw
 * @param decoder spec of the decoder that applies if a request names none; by default as for the
 *     sampler
 * @param runtime spec of the runtime, such as cpu(weights=int8); by default the one of the highest
 *     priority that can load the model
 * @param apiKey what clients must show as bearer token; without it none is required
 * @param hosts names that clients may call the service by, beside those of this machine alone
 * @param allowedOrigins sites whose pages may call the service from a browser; * for all
 * @param logTexts whether prompts and answers are logged
 * @param prefixCache what is remembered of prompts
 * @param models a further model by the name that clients call it, loaded when asked for; by default
 *     with the path and the runtime of the first, and without an adapter
 * @param modelsMemory what the files of loaded models may have together; by default half of the
 *     largest heap
 * @param limits what clients may ask for
 */
@ConfigurationProperties(value = "fundamentallm", ignoreUnknownFields = false)
@Validated
public record ServiceSettings(
    @Nullable Path model,
    @Nullable String modelName,
    @Nullable String sampler,
    @Nullable String decoder,
    @Nullable String runtime,
    @Nullable String apiKey,
    @DefaultValue List<String> hosts,
    @DefaultValue List<String> allowedOrigins,
    @DefaultValue("false") boolean logTexts,
    @DefaultValue Map<String, ModelSettings> models,
    @DataSizeMin(1) @Nullable DataSize modelsMemory,
    @Valid @NestedConfigurationProperty @DefaultValue PrefixCacheSettings prefixCache,
    @Valid @NestedConfigurationProperty @DefaultValue Limits limits) {

  /**
   * The model's place. It is asked for once the names of all settings are known to be right: a
   * misspelt one is what leaves it out.
   */
  public Path requiredModel() {
    if (model == null) {
      throw new CannotStart(
          "no model is named",
          "Start the service with --fundamentallm.model=DIR, the directory or file of a model.",
          null);
    }
    return model;
  }

  /** The settings without the key, so that no log can show it. */
  @Override
  public String toString() {
    return "ServiceSettings[model=" + model + ", limits=" + limits + "]";
  }
}
