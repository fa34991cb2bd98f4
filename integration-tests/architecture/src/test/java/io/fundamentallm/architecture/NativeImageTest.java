package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a native image has to be told of, without GraalVM at hand: each resource is named, and so is
 * each reflective call. Providers need no line: they are in META-INF/services, which it reads.
 */
class NativeImageTest {
  private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");

  static List<PublishedModule> modules() {
    return PublishedModule.all();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void every_resource_is_named(PublishedModule module) throws IOException {
    List<String> named = new ArrayList<>();
    List<String> resources = new ArrayList<>();
    try (JarFile jar = jar(module)) {
      for (String entry : jar.stream().map(one -> one.getName()).toList()) {
        if (entry.endsWith("/resource-config.json")) {
          String text = text(jar, entry);
          Pattern.compile("\"pattern\": \"([^\"]+)\"")
              .matcher(text)
              .results()
              .map((MatchResult match) -> match.group(1).replace("\\\\", "\\"))
              .forEach(named::add);
          assertThat(entry).isEqualTo(folder(module) + "resource-config.json");
        } else if (!entry.endsWith("/")
            && !entry.endsWith(".class")
            && !entry.startsWith("META-INF/")) {
          resources.add(entry);
        }
      }
    }
    assertThat(resources)
        .as("resources of %s that no pattern names", module.descriptor().name())
        .allMatch(resource -> named.stream().anyMatch(resource::matches));
    assertThat(named)
        .as("patterns that name nothing")
        .allMatch(pattern -> resources.stream().anyMatch(one -> one.matches(pattern)));
  }

  /** The other modules have no reflective call at all: {@link NoReflectionTest}. */
  @Test
  void the_reflective_calls_of_the_gpu_runtime_are_named() throws IOException {
    PublishedModule module = PublishedModule.named(PublishedModule.RUNTIME_GPU);
    Set<String> reflecting =
        module.classes().stream()
            .filter(
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(
                            dependency ->
                                dependency
                                    .getTargetClass()
                                    .getPackageName()
                                    .equals("java.lang.reflect")))
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(reflecting).containsExactly("OrtApi");
    try (JarFile jar = jar(module)) {
      String config = text(jar, folder(module) + "reflect-config.json");
      List<String> texts =
          TEXT.matcher(config).results().map((MatchResult match) -> match.group(1)).toList();
      assertThat(texts)
          .contains("ai.onnxruntime.OnnxRuntime", "ortApiHandle")
          .contains("ai.onnxruntime.OrtSession", "nativeHandle")
          .contains("ai.onnxruntime.OnnxTensor", "ai.onnxruntime.TensorInfo");
      for (String name : texts) {
        if (name.startsWith("ai.onnxruntime.")) {
          assertThat(getClass().getClassLoader().getResource(name.replace('.', '/') + ".class"))
              .as(name)
              .isNotNull();
        }
      }
    }
  }

  private static String folder(PublishedModule module) {
    String artifact = module.descriptor().name().replace("io.", "").replace('.', '-');
    return "META-INF/native-image/io.fundamentallm/" + artifact + "/";
  }

  private static JarFile jar(PublishedModule module) throws IOException {
    JarURLConnection connection = (JarURLConnection) new URL(module.root()).openConnection();
    connection.setUseCaches(false);
    return connection.getJarFile();
  }

  private static String text(JarFile jar, String entry) throws IOException {
    try (var in = jar.getInputStream(jar.getEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
