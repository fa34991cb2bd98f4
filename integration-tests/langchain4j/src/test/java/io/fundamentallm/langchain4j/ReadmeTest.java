package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.fixtures.ToolChat;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that the README shows. */
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
  void the_guide_compiles_and_calls_its_tool() throws Exception {
    PageCode.compile(folder, "Guide", PageCode.java(README, "class Guide {"));
    try (TextGenerator generator = ToolChat.load();
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method answer =
          loader.loadClass("Guide").getDeclaredMethod("answer", TextGenerator.class, String.class);
      answer.setAccessible(true);

      assertThat(answer.invoke(null, generator, "What is the weather in Munich?"))
          .isEqualTo("The sun is out");
    }
  }

  @Test
  void every_piece_of_java_is_one_of_these() throws Exception {
    assertThat(PageCode.java(README)).hasSize(2);
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
