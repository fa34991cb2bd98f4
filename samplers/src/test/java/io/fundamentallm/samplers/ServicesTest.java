package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.spi.SamplerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    assertThat(module.provides()).hasSize(1);
    ModuleDescriptor.Provides provides = module.provides().iterator().next();
    assertThat(provides.service()).isEqualTo(SamplerProvider.class.getName());
    assertThat(Files.readAllLines(classes.resolve("META-INF/services/" + provides.service())))
        .isEqualTo(provides.providers());
  }
}
