package io.fundamentallm.langchain4j;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that the README shows. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @TempDir Path folder;

  @Test
  void the_chat_compiles_and_answers() throws Exception {
    Path source = Files.writeString(folder.resolve("Chat.java"), program());
    String classPath = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString());
    TinyChat.copyTo(folder.resolve("model"));

    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfundamentallm.sampler=greedy",
                "-cp",
                classPath + File.pathSeparator + folder,
                "Chat")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();

    assertThat(compiled).isZero();
    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    String printed = Files.readString(out, UTF_8);
    assertThat(process.exitValue()).as(printed).isZero();
    assertThat(printed).contains("hello Ann", "TokenUsage {");
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

  private static String program() throws Exception {
    List<String> programs =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(README))
            .results()
            .map(match -> match.group(1))
            .filter(block -> block.contains("class Chat {"))
            .toList();
    assertThat(programs).hasSize(1);
    return programs.get(0);
  }
}
