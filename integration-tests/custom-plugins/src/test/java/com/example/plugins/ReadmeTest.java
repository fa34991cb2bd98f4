package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles and runs. */
class ReadmeTest {
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>([^<]+)</artifactId>\\s*<version>([^<]+)</version>");

  @TempDir private Path folder;

  @Test
  void the_contracts_compile() throws Exception {
    compile("WordsTest", blocks().get(0));
    compile("LipogramTest", blocks().get(1));
    compile("ConsensusTest", blocks().get(2));
  }

  @Test
  void the_versions_are_those_that_the_contracts_are_tested_with() throws Exception {
    assertThat(VERSION.matcher(Files.readString(Path.of("README.md"))).results())
        .hasSize(2)
        .allSatisfy(
            managed ->
                assertThat(System.getProperty("java.class.path"))
                    .contains(managed.group(1) + "-" + managed.group(2) + ".jar"));
  }

  @Test
  void the_runtime_is_found_and_runs() throws Exception {
    compile("Toy", blocks().get(3));
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve("io.fundamentallm.spi.LanguageModelProvider"), "Toy");
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("toy.txt"), "50");

    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Registry registry = Registry.of(loader);
      try (LanguageModel loaded = LanguageModels.load(model, registry)) {
        assertThat(loaded.info().contextLength()).isEqualTo(64);
        assertThat(loaded.info().vocabularySize()).isEqualTo(50);
      }
      try (LanguageModel loaded = LanguageModels.load(model, "toy(context=32)", registry)) {
        assertThat(loaded.info().contextLength()).isEqualTo(32);
      }
      Files.move(model.resolve("toy.txt"), model.resolve("other.txt"));
      assertThatThrownBy(() -> LanguageModels.load(model, registry))
          .hasMessageContaining("there is no toy.txt");
    }
  }

  private static List<String> blocks() throws IOException {
    List<String> blocks = PageCode.java(Path.of("README.md"));
    assertThat(blocks).hasSize(4);
    return blocks;
  }

  private void compile(String name, String block) throws IOException {
    String source =
        """
        import io.fundamentallm.*;
        import io.fundamentallm.decoding.*;
        import io.fundamentallm.model.*;
        import io.fundamentallm.text.*;
        import io.fundamentallm.training.*;
        import io.fundamentallm.contract.*;
        import io.fundamentallm.spi.*;
        import java.io.IOException;
        import java.nio.file.Files;
        import java.nio.file.Path;
        %s
        """
            .formatted(block);
    PageCode.compile(folder, name, source);
  }
}
