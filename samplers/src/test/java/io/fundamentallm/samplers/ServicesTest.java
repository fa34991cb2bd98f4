package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.SamplerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServicesTest {
  @Test
  void module_info_and_services_file_name_the_same_providers()
      throws IOException, URISyntaxException {
    Path classes = Path.of(TopP.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module;
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    assertThat(module.provides())
        .extracting(ModuleDescriptor.Provides::service)
        .contains(SamplerProvider.class.getName(), DecoderProvider.class.getName());
    Path services = classes.resolve("META-INF/services");
    for (ModuleDescriptor.Provides provides : module.provides()) {
      assertThat(Files.readAllLines(services.resolve(provides.service())))
          .isEqualTo(provides.providers());
    }
    try (Stream<Path> files = Files.list(services)) {
      assertThat(files).hasSameSizeAs(module.provides());
    }
  }
}
