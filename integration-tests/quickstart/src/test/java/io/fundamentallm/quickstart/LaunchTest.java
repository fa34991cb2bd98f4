package io.fundamentallm.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as Maven starts it: without a flag, in the folder that results are relative to. */
class LaunchTest {
  @TempDir Path folder;

  @Test
  void nothing_is_on_the_screen_but_what_the_quickstart_prints() throws Exception {
    String novel = Settings.read(name -> null).text();
    Files.writeString(folder.resolve("short.txt"), novel.substring(2000, 22000));

    assertThat(launch("-Dtext=short.txt", "-Dsteps=1")).as(read("err")).isZero();

    assertThat(read("err")).isEmpty();
    assertThat(read("out").lines().findFirst()).hasValueSatisfying(LaunchTest::isFirstLine);
    assertThat(folder.resolve("target/quickstart")).isDirectoryContaining("glob:**/report.html");
  }

  private static void isFirstLine(String line) {
    assertThat(line).startsWith("Training on short.txt: 20,000 characters");
  }

  @Test
  void what_is_refused_is_told_and_so_is_the_exit_code() throws Exception {
    assertThat(launch("-Dtext=missing.txt")).isEqualTo(1);
    assertThat(read("err")).startsWith("quickstart: -Dtext=missing.txt: ").hasLineCount(1);
    assertThat(read("out")).isEmpty();
  }

  private int launch(String... properties) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(properties));
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add("io.fundamentallm.quickstart.Launch");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    // of these each JVM would say that it has picked them up
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    Process process = builder.start();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after 20 minutes");
    }
    return process.exitValue();
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }
}
