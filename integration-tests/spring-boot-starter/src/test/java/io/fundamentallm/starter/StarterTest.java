package io.fundamentallm.starter;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application with the starter as its only dependency. */
class StarterTest {
  private static final Path README = Path.of("..", "spring-ai", "README.md");

  @TempDir Path folder;

  @Test
  void it_is_all_that_the_application_of_the_adapters_page_needs() throws Exception {
    String classPath = classPath();
    PageCode.compile(folder, "Reception", PageCode.java(README, "class Reception {"), classPath);

    Run ended =
        Jdk.running()
            .java(
                folder,
                List.of(
                    "-Dfundamentallm.model=" + TinyChat.greedy(),
                    "-cp",
                    classPath + File.pathSeparator + folder,
                    "com.example.Reception"));

    assertThat(ended.succeeded().lines().map(String::strip))
        .contains("hello Ann", "you are Ann", "Seat[free=true, row=FRONT]");
  }

  @Test
  void it_is_marked_as_a_starter() throws Exception {
    File[] jars =
        new File("target")
            .listFiles(
                (target, name) ->
                    name.matches("fundamentallm-spring-boot-starter-[0-9.]+(-SNAPSHOT)?\\.jar"));
    assertThat(jars).hasSize(1);
    try (JarFile jar = new JarFile(jars[0])) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Spring-Boot-Jar-Type"))
          .isEqualTo("dependencies-starter");
    }
  }

  /** Without what only these tests need. */
  private static String classPath() {
    return String.join(
        File.pathSeparator,
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .filter(entry -> !entry.matches(".*(junit|assertj|surefire|test-fixtures).*"))
            .toList());
  }
}
