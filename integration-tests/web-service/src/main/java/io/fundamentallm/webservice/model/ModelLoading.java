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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** Loads the first model before the service listens, and looks at the files of the others. */
@Configuration(proxyBeanMethods = false)
class ModelLoading {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

  private static final String REMEDY =
      "Start with --fundamentallm.model=PATH, or with the environment's FUNDAMENTALLM_MODEL, the"
          + " directory or .gguf file of a model that a runtime here can load. If it is the right"
          + " one, its files may be damaged: copy or download them again.";

  private static final String RUNTIME_REMEDY =
      "fundamentallm.runtime chooses what runs the model: correct it, or leave it out for the first"
          + " that can load the model.";

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
  Models models(ServiceSettings settings, ServiceMetrics metrics) {
    List<ModelSource> sources = new ArrayList<>(List.of(ModelSource.first(settings)));
    settings.models().forEach((name, its) -> sources.add(ModelSource.further(name, its, settings)));
    DataSize memory = settings.modelsMemory();
    List<ModelDescription> descriptions = sources.stream().map(ModelLoading::described).toList();
    long bytes = memory == null ? Runtime.getRuntime().maxMemory() / 2 : memory.toBytes();
    // the first stays, so that it is always within the bound
    long bound = Math.max(bytes, descriptions.get(0).bytes());
    return new Models(
        descriptions, bound, settings.limits().time(), source -> load(source, settings, metrics));
  }

  private static ModelDescription described(ModelSource source) {
    for (Path path : Arrays.asList(source.path(), source.adapter())) {
      if (path != null && !Files.exists(path)) {
        throw new CannotStart(
            "the model "
                + source.name()
                + " cannot be loaded: "
                + path.toAbsolutePath()
                + " does not exist",
            REMEDY,
            null);
      }
    }
    Path adapter = source.adapter();
    if (adapter != null
        && Files.isDirectory(adapter)
        && !Files.exists(adapter.resolve("adapter_config.json"))) {
      throw new CannotStart(
          "the adapter of the model "
              + source.name()
              + " is to be in "
              + adapter.toAbsolutePath()
              + ", which has no adapter_config.json",
          "Name the directory that a training of LoRA adapters wrote, here or with PEFT.",
          null);
    }
    try {
      return ModelDescription.of(source);
    } catch (IOException | UncheckedIOException | ProviderException | IllegalArgumentException e) {
      throw unusable(source, e);
    }
  }

  private static CannotStart unusable(ModelSource source, Exception e) {
    return new CannotStart(
        "the model " + source.name() + " cannot be loaded: " + e.getMessage(),
        source.runtime() != null && !(e instanceof IOException) ? RUNTIME_REMEDY : REMEDY,
        e);
  }

  private static ServedModel load(
      ModelSource source, ServiceSettings settings, ServiceMetrics metrics) {
    String runtime = source.runtime();
    try {
      TextGenerator generator =
          runtime == null
              ? TextGenerator.load(source.path())
              : TextGenerator.load(source.path(), runtime);
      int callers = settings.limits().running() * (1 + settings.limits().sequences());
      TextGenerator batching =
          configured(generator, settings)
              .withBatching(BatchingLimits.defaults().withCallers(callers), metrics);
      return served(source, remembering(batching, source, settings, metrics), settings);
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
      throw unusable(source, e);
    }
  }

  private static TextGenerator configured(TextGenerator loaded, ServiceSettings settings) {
    try {
      TextGenerator sampling =
          configured("sampler", settings.sampler(), "top-p=0.9", loaded, loaded::withSampler);
      return configured(
          "decoder", settings.decoder(), "beam(width=4)", sampling, sampling::withDecoder);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  private static TextGenerator configured(
      String setting,
      @Nullable String spec,
      String example,
      TextGenerator without,
      Function<String, TextGenerator> with) {
    if (spec == null) {
      return without;
    }
    try {
      return with.apply(spec);
    } catch (ProviderException | IllegalArgumentException e) {
      throw new CannotStart(
          "fundamentallm." + setting + " cannot be \"" + spec + "\": " + e.getMessage(),
          "Set it to a spec such as " + example + ", or leave it out.",
          e);
    }
  }

  /** With what it remembers of prompts as the settings say, and figures of it. */
  private static TextGenerator remembering(
      TextGenerator loaded, ModelSource source, ServiceSettings all, ServiceMetrics metrics) {
    PrefixCacheSettings settings = all.prefixCache();
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
          boolean first = source.name().equals(ModelSource.first(all).name());
          Path directory = settings.directory();
          open(
              cache,
              first ? directory : directory.resolve(shortHash(source.name())),
              loaded.tokenizer().fingerprint(),
              settings.disk());
        }
        remembering = loaded.withPrefixCache(cache.build());
      }
      remembering
          .options()
          .prefixCache()
          .ifPresent(cache -> metrics.prefixes(source.name(), cache));
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
    } catch (RuntimeException e) {
      remembering.close();
      throw e;
    }
  }

  private static void open(
      PrefixCache.Builder cache, Path directory, String tokenizer, DataSize disk) {
    try {
      cache.directory(directory, tokenizer, disk.toBytes());
    } catch (IOException e) {
      throw new CannotStart(
          "fundamentallm.prefix-cache.directory cannot be used: " + e,
          "Name a directory that the service may write in, or leave it out.",
          e);
    }
  }

  private static ServedModel served(
      ModelSource source, TextGenerator generator, ServiceSettings settings) {
    ModelInfo info = generator.model().info();
    LOG.info("serving {}: {}", source.name(), info);
    String message =
        String.join(
            "|",
            info.toString(),
            String.valueOf(source.runtime()),
            generator.options().sampler().toString(),
            // if it is not set here, generation_config.json may name one, which is a file
            String.valueOf(settings.decoder()),
            files(source.path()),
            source.adapter() == null ? "" : files(source.adapter()));
    return new ServedModel(
        source.name(), generator, Instant.now().getEpochSecond(), "fp_" + shortHash(message));
  }

  /** Names, sizes and modification times of a model's files. */
  static String files(Path model) {
    try {
      return filesOf(model.toRealPath()); // what a symbolic link leads to
    } catch (IOException | UncheckedIOException e) {
      throw new CannotStart("the model's files cannot be read: " + e.getMessage(), REMEDY, e);
    }
  }

  private static String filesOf(Path model) throws IOException {
    try (Stream<Path> files = Files.walk(model, MAX_DEPTH)) {
      StringJoiner all = new StringJoiner("|");
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.add(model.relativize(file) + ":" + Files.size(file))
            .add(Files.getLastModifiedTime(file).toString());
      }
      return all.toString();
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
