package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A loader for each jar, as in OSGi: no jar sees another that its descriptor does not require. */
class BundlesTest {
  private static final String APPLICATION = "com.example.tenant";

  @TempDir static Path folder;
  private static Path model;
  private static Map<String, Bundle> bundles;

  @BeforeAll
  static void start() throws Exception {
    model = SmallModel.train(folder.resolve("model"));
    bundles = Bundle.of(Jars.all());
  }

  @AfterAll
  static void stop() throws IOException {
    for (Bundle bundle : bundles.values()) {
      bundle.close();
    }
  }

  @Test
  void a_jar_sees_what_its_descriptor_requires() throws Exception {
    String json = "com.fasterxml.jackson.core.JsonFactory";
    assertThat(bundles.get("io.fundamentallm.tokenizers").loadClass(json)).isNotNull();
    for (String unseen : List.of(json, "io.fundamentallm.samplers.TopK")) {
      assertThatExceptionOfType(ClassNotFoundException.class)
          .isThrownBy(() -> bundles.get("io.fundamentallm").loadClass(unseen));
      assertThatExceptionOfType(ClassNotFoundException.class)
          .isThrownBy(() -> bundles.get(APPLICATION).loadClass(unseen));
    }
  }

  @Test
  void the_parts_of_the_given_loaders_are_found() throws Exception {
    Callable<?> tenant =
        Container.tenant(
            bundles.get(APPLICATION), model, parts("tokenizers", "samplers", "runtime.cpu"));
    assertThat(tenant.call().toString()).hasSize(60);
    assertThat(tenant.toString()).contains("top-k (priority 0): io.fundamentallm.samplers.TopK");
    ((AutoCloseable) tenant).close();
  }

  @Test
  void what_is_not_given_is_not_found_and_the_answer_says_so() {
    assertThatThrownBy(() -> Container.tenant(bundles.get(APPLICATION), model, parts("tokenizers")))
        .hasMessageContaining("no runtime was found")
        .hasMessageContaining("fundamentallm-runtime-cpu");
    assertThatThrownBy(() -> Container.tenant(bundles.get(APPLICATION), model))
        .hasMessageContaining("no tokenizer was found")
        .hasMessageContaining("fundamentallm-tokenizers");
  }

  private static ClassLoader[] parts(String... names) {
    return Stream.of(names)
        .map(name -> bundles.get("io.fundamentallm." + name))
        .toArray(ClassLoader[]::new);
  }
}
