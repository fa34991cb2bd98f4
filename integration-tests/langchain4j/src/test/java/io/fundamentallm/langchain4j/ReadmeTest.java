package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that the README shows. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @TempDir Path folder;

  @Test
  void the_chat_compiles_and_answers() throws Exception {
    PageCode.compile(folder, "Chat", PageCode.java(README, "class Chat {"));
    TinyChat.copy(TinyChat.directory(), folder.resolve("model"), true);
    String classPath = System.getProperty("java.class.path") + File.pathSeparator + folder;

    Run run =
        Jdk.running()
            .java(folder, List.of("-Dfundamentallm.sampler=greedy", "-cp", classPath, "Chat"));

    assertThat(run.succeeded()).contains("hello Ann", "TokenUsage {");
  }

  @Test
  void the_version_is_the_one_that_is_tested_here() throws Exception {
    assertThat(
            Pattern.compile("dev.langchain4j:(langchain4j):([0-9.]+)`")
                .matcher(Files.readString(README))
                .results())
        .hasSize(1)
        .allSatisfy(
            named ->
                assertThat(System.getProperty("java.class.path"))
                    .contains(named.group(1) + "-" + named.group(2) + ".jar"));
  }
}
