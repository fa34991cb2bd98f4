package io.fundamentallm.springai;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.LanguageModelProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Loads what the properties name; errors name the property that must change. */
final class ConfiguredGenerator {
  private ConfiguredGenerator() {}

  /**
   * The generator of these properties.
   *
   * @throws InvalidConfigurationPropertyValueException for the first that is missing or wrong; Boot
   *     reports it without a stack trace
   */
  static TextGenerator load(FundamentaLlmProperties properties) {
    Registry registry = Registry.standard();
    check(properties, registry); // before a large model is loaded
    TextGenerator generator = model(properties.model(), properties.device(), registry);
    if (properties.sampler() != null) {
      generator = generator.withSampler(properties.sampler());
    }
    if (properties.decoder() != null) {
      generator = generator.withDecoder(properties.decoder());
    }
    return generator.with(options -> options.contextPolicy(properties.whenFull().policy()));
  }

  private static void check(FundamentaLlmProperties properties, Registry registry) {
    String sampler = properties.sampler();
    if (sampler != null) {
      checked("sampler", sampler, () -> Samplers.parse(sampler, registry));
    }
    String decoder = properties.decoder();
    if (decoder != null) {
      checked("decoder", decoder, () -> Decoders.parse(decoder, registry));
    }
    String device = properties.device();
    if (device != null) {
      checked(
          "device",
          device,
          () ->
              registry.find(
                  LanguageModelProvider.class, Spec.parse(device).stages().get(0).name()));
    }
    checkOptions(properties, registry);
  }

  /**
   * Refuses what every request would fail of.
   *
   * @throws InvalidConfigurationPropertyValueException for the first that is wrong
   */
  static void checkOptions(FundamentaLlmProperties properties, Registry registry) {
    Integer max = properties.maxTokens();
    if (max != null) {
      checked("max-tokens", max, () -> DecodingOptions.builder().maxNewTokens(max));
    }
    Double temperature = properties.temperature();
    if (temperature != null) {
      checked(
          "temperature", temperature, () -> Samplers.parse("temperature=" + temperature, registry));
      if (properties.sampler() != null) {
        throw invalid(
            "temperature",
            temperature,
            "It would take the place of fundamentallm.sampler="
                + properties.sampler()
                + ": write it there, as temperature="
                + temperature
                + ", or leave one of the two out.",
            null);
      }
    }
    List<String> stop = properties.stop();
    if (stop != null) {
      checked("stop", stop, () -> DecodingOptions.builder().stopStrings(stop));
    }
  }

  private static void checked(String name, Object value, Runnable parse) {
    try {
      parse.run();
    } catch (IllegalArgumentException | ProviderException e) {
      throw invalid(name, value, e.getMessage(), e);
    }
  }

  private static TextGenerator model(
      @Nullable String model, @Nullable String device, Registry registry) {
    if (model == null || model.isBlank()) {
      throw invalid(
          "model",
          model,
          "It has to name the directory of a model, as in fundamentallm.model=/models/mine."
              + " An application that loads a model itself gives it as a bean of type TextGenerator;"
              + " one that uses other models sets spring.ai.model.chat to theirs, or to none.",
          null);
    }
    Path directory = Path.of(model);
    if (!Files.exists(directory)) {
      throw invalid(
          "model", model, "There is no such directory: " + directory.toAbsolutePath(), null);
    }
    try {
      return device == null
          ? TextGenerator.load(directory, registry)
          : TextGenerator.load(directory, device, registry);
    } catch (IOException e) {
      throw invalid("model", model, e.toString(), e); // sometimes only the type says what happened
    } catch (ProviderException | IllegalArgumentException e) {
      if (device != null) {
        checkDevice(device, directory, registry);
      }
      throw invalid("model", model, e.getMessage(), e);
    }
  }

  /**
   * Refuses what the runtime itself refuses, without tokenizer and settings. Its options are known
   * to be right only once it has loaded; it reports faulty files by IOException.
   */
  private static void checkDevice(String device, Path directory, Registry registry) {
    try {
      LanguageModels.load(directory, device, registry).close();
    } catch (IOException e) {
      // the device is not at fault
    } catch (ProviderException | IllegalArgumentException e) {
      throw invalid("device", device, e.getMessage(), e);
    }
  }

  static InvalidConfigurationPropertyValueException invalid(
      String name, @Nullable Object value, @Nullable String reason, @Nullable Throwable cause) {
    return new InvalidConfigurationPropertyValueException(
        "fundamentallm." + name, value, reason, cause);
  }
}
