package io.fundamentallm.webservice.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.webservice.admission.Admission;
import io.fundamentallm.webservice.admission.ServiceMetrics;
import io.fundamentallm.webservice.settings.CannotStart;
import io.fundamentallm.webservice.settings.PrefixCacheSettings;
import io.fundamentallm.webservice.settings.ServiceSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** Loads the model once, before the service listens. */
@Configuration(proxyBeanMethods = false)
class ModelLoading {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

  private static final String REMEDY =
      "Start with --fundamentallm.model=PATH, or with the environment's FUNDAMENTALLM_MODEL, the"
          + " directory or .gguf file of a model that a runtime here can load.";

  private static final String HEAP_REMEDY =
      "Start with a larger heap, as in java -Xmx4g -jar …, or in a container with a larger part of"
          + " its memory, -XX:MaxRAMPercentage=75; or load smaller weights, with"
          + " --fundamentallm.runtime=cpu(weights=int8).";

  /** Of the model's files: those of graphs are one directory deeper. */
  private static final int MAX_DEPTH = 3;

  @Bean
  Admission admission(ServiceSettings settings) {
    return new Admission(settings.limits().running(), settings.limits().waiting());
  }

  @Bean
  ServiceMetrics serviceMetrics(MeterRegistry registry, Admission admission) {
    return new ServiceMetrics(registry, admission);
  }

  @Bean(destroyMethod = "close")
  TextGenerator generator(ServiceSettings settings, ServiceMetrics metrics) {
    Path model = settings.model();
    if (!Files.exists(model)) {
      throw new CannotStart(
          "fundamentallm.model is " + model.toAbsolutePath() + ", which does not exist",
          REMEDY,
          null);
    }
    String runtime = settings.runtime();
    try {
      TextGenerator generator =
          runtime == null ? TextGenerator.load(model) : TextGenerator.load(model, runtime);
      int callers = settings.limits().running() * (1 + settings.limits().sequences());
      TextGenerator batching =
          configured(generator, settings)
              .withBatching(BatchingLimits.defaults().withCallers(callers), metrics);
      return remembering(batching, settings.prefixCache(), metrics);
    } catch (HeapTooSmallException e) {
      throw new CannotStart(String.valueOf(e.getMessage()), HEAP_REMEDY, e);
    } catch (OutOfMemoryError e) {
      throw new CannotStart(
          "there is no memory to load the model: "
              + e.getMessage()
              + "; the heap has at most "
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MiB",
          HEAP_REMEDY,
          e);
    } catch (IOException | ProviderException | IllegalArgumentException e) {
      throw new CannotStart("the model cannot be loaded: " + e.getMessage(), REMEDY, e);
    }
  }

  private static TextGenerator configured(TextGenerator loaded, ServiceSettings settings) {
    try {
      TextGenerator sampling =
          settings.sampler() == null ? loaded : loaded.withSampler(settings.sampler());
      return settings.decoder() == null ? sampling : sampling.withDecoder(settings.decoder());
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** With what it remembers of prompts as the settings say, and figures of it. */
  private static TextGenerator remembering(
      TextGenerator loaded, PrefixCacheSettings settings, ServiceMetrics metrics)
      throws IOException {
    TextGenerator remembering = loaded;
    try {
      DataSize memory = settings.memory();
      if (memory != null && memory.toBytes() == 0) {
        return loaded.with(options -> options.withoutPrefixCache());
      }
      if (memory != null || settings.directory() != null) {
        PrefixCache.Builder cache = PrefixCache.builder();
        if (memory != null) {
          cache.maxBytes(memory.toBytes());
        }
        if (settings.directory() != null) {
          cache.directory(
              settings.directory(), loaded.tokenizer().fingerprint(), settings.disk().toBytes());
        }
        remembering = loaded.withPrefixCache(cache.build());
      }
      remembering.options().prefixCache().ifPresent(metrics::prefixes);
      if (settings.systemPrompt() != null) {
        remembering.pin(ChatPrompt.of(List.of(ChatMessage.system(settings.systemPrompt()))));
      }
      return remembering;
    } catch (IllegalStateException e) {
      remembering.close();
      throw new CannotStart(
          "fundamentallm.prefix-cache cannot be as it is set: " + e.getMessage(),
          "Leave out fundamentallm.prefix-cache.system-prompt.",
          e);
    } catch (IOException | RuntimeException e) {
      remembering.close();
      throw e;
    }
  }

  @Bean
  ServedModel servedModel(ServiceSettings settings, TextGenerator generator) {
    String given = settings.modelName();
    String name = given == null ? nameOf(settings.model()) : given;
    ModelInfo info = generator.model().info();
    LOG.info("serving {}: {}", name, info);
    String message =
        String.join(
            "|",
            info.toString(),
            String.valueOf(settings.runtime()),
            generator.options().sampler().toString(),
            // if it is not set here, generation_config.json may name one, which is a file
            String.valueOf(settings.decoder()),
            files(settings.model()));
    return new ServedModel(
        name, generator, Instant.now().getEpochSecond(), "fp_" + shortHash(message));
  }

  /** The model's name, from the name of its directory or file. */
  static String nameOf(Path model) {
    Path last = model.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString().replaceFirst("\\.gguf$", "");
  }

  /** Names, sizes and modification times of a model's files. */
  static String files(Path model) {
    try (Stream<Path> files = Files.walk(model, MAX_DEPTH)) {
      StringJoiner all = new StringJoiner("|");
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.add(model.relativize(file) + ":" + Files.size(file))
            .add(Files.getLastModifiedTime(file).toString());
      }
      return all.toString();
    } catch (IOException | UncheckedIOException e) {
      throw new CannotStart("the model's files cannot be read: " + e.getMessage(), REMEDY, e);
    }
  }

  private static String shortHash(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
