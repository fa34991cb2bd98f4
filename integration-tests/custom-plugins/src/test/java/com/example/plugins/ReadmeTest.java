package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.PageCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    PageCode.compile(folder, "WordsTest", blocks().get(0));
    PageCode.compile(folder, "LipogramTest", blocks().get(1));
    PageCode.compile(folder, "ConsensusTest", blocks().get(2));
  }

  @Test
  void the_versions_are_those_that_the_contracts_are_tested_with() throws Exception {
    List<String> known = new ArrayList<>(jars(Files.readString(Path.of("..", "..", "pom.xml"))));
    for (String file : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      known.add(Path.of(file).getFileName().toString());
    }
    assertThat(known).containsAll(jars(Files.readString(Path.of("README.md"))));
  }

  /** Of artifacts, those of plugins too, that stand with their versions. */
  private static List<String> jars(String text) {
    List<String> jars =
        VERSION.matcher(text).results().map(m -> m.group(1) + "-" + m.group(2) + ".jar").toList();
    assertThat(jars).hasSizeGreaterThanOrEqualTo(3);
    return jars;
  }

  @Test
  void the_runtime_is_the_one_that_is_tested() throws Exception {
    assertThat(blocks().get(3))
        .isEqualToNormalizingNewlines(
            Files.readString(Path.of("src/main/java/com/example/plugins/Bigrams.java")));
    assertThat(blocks().get(3).lines()).as("a runtime of 40 lines").hasSizeLessThanOrEqualTo(56);
    PageCode.compile(folder, "BigramsTest", blocks().get(4));
  }

  private static List<String> blocks() throws IOException {
    List<String> blocks = PageCode.java(Path.of("README.md"));
    assertThat(blocks).hasSize(5).allMatch(block -> block.startsWith("package "));
    return blocks;
  }
}
