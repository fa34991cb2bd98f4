package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

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
  void module_info_and_services_files_name_the_same_providers()
      throws IOException, URISyntaxException {
    Path classes = Path.of(TopP.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module;
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    Path services = classes.resolve("META-INF/services");
    try (Stream<Path> files = Files.list(services)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              module.provides().stream().map(ModuleDescriptor.Provides::service).toList());
    }
    for (ModuleDescriptor.Provides provides : module.provides()) {
      assertThat(Files.readAllLines(services.resolve(provides.service())))
          .isEqualTo(provides.providers());
    }
  }
}
