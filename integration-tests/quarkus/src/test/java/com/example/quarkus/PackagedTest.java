package com.example.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed application, whose classes Quarkus's own runner loads. */
class PackagedTest {
  private static final Path APPLICATION = Path.of("target", "quarkus-app", "quarkus-run.jar");

  @TempDir Path folder;

  @Test
  void it_finds_all_parts_and_writes() throws Exception {
    Run ended =
        Jdk.running()
            .java(
                folder,
                List.of(
                    "-Dfundamentallm.model=" + TinyChat.greedy(),
                    "-jar",
                    APPLICATION.toAbsolutePath().toString(),
                    TinyModel.PROMPT));
    assertThat(ended.succeeded()).contains("hello Ann");
    assertThat(ended.out().lines().filter(line -> line.contains("CPU kernels: ")))
        .as("what it logs, which is nothing of libraries that are not there")
        .hasSize(1)
        .noneMatch(line -> line.contains("oneDNN"));
  }

  @Test
  void without_the_setting_it_says_which_is_missing() throws Exception {
    Run ended =
        Jdk.running()
            .java(folder, List.of("-jar", APPLICATION.toAbsolutePath().toString(), "text"));
    assertThat(ended.exit()).isNotZero();
    assertThat(ended.out() + ended.err()).contains("fundamentallm.model");
  }
}
