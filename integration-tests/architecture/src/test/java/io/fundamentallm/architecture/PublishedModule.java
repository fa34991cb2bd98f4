package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One of the published modules, as it lies on the class path.
 *
 * <p>A rule over no classes holds trivially, so a module that is missing or empty is an error here.
 */
record PublishedModule(ModuleDescriptor descriptor, String root, JavaClasses classes) {

  static final String API = "io.fundamentallm";
  static final String TOKENIZERS = "io.fundamentallm.tokenizers";
  static final String SAMPLERS = "io.fundamentallm.samplers";
  static final String RUNTIME_CPU = "io.fundamentallm.runtime.cpu";
  static final String RUNTIME_GPU = "io.fundamentallm.runtime.gpu";

  static final String HUB = "io.fundamentallm.hub";

  static final List<String> IMPLEMENTATIONS =
      List.of(TOKENIZERS, SAMPLERS, RUNTIME_CPU, RUNTIME_GPU, HUB);

  private static final Map<String, PublishedModule> FOUND = onTheClassPath();

  static PublishedModule named(String name) {
    assertThat(FOUND).as("published modules on the class path").containsKey(name);
    return FOUND.get(name);
  }

  static List<PublishedModule> all() {
    named(API);
    IMPLEMENTATIONS.forEach(PublishedModule::named);
    return List.copyOf(FOUND.values());
  }

  /**
   * The module whose package this is, whether or not the package exists; api owns what no other
   * does.
   */
  static String owner(String packageName) {
    return IMPLEMENTATIONS.stream()
        .filter(module -> packageName.equals(module) || packageName.startsWith(module + "."))
        .findFirst()
        .orElse(API);
  }

  /** Packages that everybody sees; qualified exports do not count. */
  Set<String> exportedPackages() {
    return descriptor.exports().stream()
        .filter(export -> !export.isQualified())
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Map<String, PublishedModule> onTheClassPath() {
    String file = "module-info.class";
    Map<String, PublishedModule> found = new TreeMap<>();
    try {
      ClassLoader loader = PublishedModule.class.getClassLoader();
      for (URL url : Collections.list(loader.getResources(file))) {
        ModuleDescriptor descriptor;
        try (InputStream in = url.openStream()) {
          descriptor = ModuleDescriptor.read(in);
        }
        if (descriptor.name().startsWith(API)) {
          String location = url.toString();
          String root = location.substring(0, location.length() - file.length());
          JavaClasses classes = new ClassFileImporter().importUrl(new URL(root));
          assertThat(classes).as("classes of %s in %s", descriptor.name(), root).isNotEmpty();
          found.put(descriptor.name(), new PublishedModule(descriptor, root, classes));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Collections.unmodifiableMap(found);
  }
}
