package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.BatchingLimits;
import io.fundamentallm.ModelInfo;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Loads the model once, before the service listens. */
@Configuration(proxyBeanMethods = false)
class ModelLoading {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

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
    Path directory = settings.model();
    if (!Files.isDirectory(directory)) {
      throw new ModelUnavailable(
          "fundamentallm.model is " + directory.toAbsolutePath() + ", which is no directory", null);
    }
    String runtime = settings.runtime();
    try {
      TextGenerator generator =
          runtime == null ? TextGenerator.load(directory) : TextGenerator.load(directory, runtime);
      return configured(generator, settings)
          .withBatching(
              BatchingLimits.defaults().withCallers(2 * settings.limits().running()), metrics);
    } catch (IOException | ProviderException | IllegalArgumentException e) {
      throw new ModelUnavailable("the model cannot be loaded: " + e.getMessage(), e);
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

  @Bean
  ServedModel servedModel(ServiceSettings settings, TextGenerator generator) {
    String name = settings.modelName();
    if (name == null) {
      Path last = settings.model().toAbsolutePath().normalize().getFileName();
      name = last == null ? "model" : last.toString();
    }
    ModelInfo info = generator.model().info();
    LOG.info("serving {}: {}", name, info);
    String says = info + "|" + generator.options().sampler() + "|" + settings.decoder();
    return new ServedModel(
        name, generator, Instant.now().getEpochSecond(), "fp_" + shortHash(says));
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
