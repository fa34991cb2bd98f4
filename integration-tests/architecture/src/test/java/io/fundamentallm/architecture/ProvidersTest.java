package io.fundamentallm.architecture;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The module path and the class path find the same providers. */
class ProvidersTest {

  static List<PublishedModule> modules() {
    return PublishedModule.all();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void module_info_and_service_files_name_the_same_providers(PublishedModule module)
      throws IOException {
    Map<String, List<String>> provided =
        module.descriptor().provides().stream()
            .collect(
                toMap(ModuleDescriptor.Provides::service, ModuleDescriptor.Provides::providers));

    Map<String, List<String>> listed = new TreeMap<>();
    for (String service : PublishedModule.named(PublishedModule.API).descriptor().uses()) {
      List<String> providers = serviceFile(module, service);
      if (!providers.isEmpty()) {
        listed.put(service, providers);
      }
    }

    assertThat(listed).isEqualTo(provided);
  }

  private static List<String> serviceFile(PublishedModule module, String service)
      throws IOException {
    try (InputStream in = new URL(module.root() + "META-INF/services/" + service).openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }
}
