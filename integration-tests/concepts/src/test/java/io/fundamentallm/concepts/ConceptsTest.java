package io.fundamentallm.concepts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that draws. */
class ConceptsTest {
  @TempDir Path folder;

  @Test
  void without_a_directory_it_says_what_it_expects() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      assertThat(Concepts.run(new String[0], stream, stream)).isEqualTo(2);
    }
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualToIgnoringNewLines(
            "concepts: expected one argument, a directory for figures; came 0");
  }

  /** The tests of the figures run with vectors and all processors. */
  @Test
  @Tag("long")
  void one_thread_of_scalar_kernels_draws_the_same_bits() throws Exception {
    Path figures = folder.resolve("figures");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Dfundamentallm.kernels=scalar",
            "-Dfundamentallm.trainer=cpu(threads=1)",
            "-Dfundamentallm.runtime=cpu(threads=1)"));
    command.addAll(List.of("-cp", classPath(), Concepts.class.getName(), figures.toString()));
    Path log = folder.resolve("log.txt");

    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    assertThat(process.waitFor()).as(() -> read(log)).isZero();
    assertThat(read(log)).contains("CPU kernels: scalar");
    for (String name : Page.read().found("\\(figures/([^)]*)\\)")) {
      assertThat(figures.resolve(name)).hasSameTextualContentAs(Path.of("figures", name));
    }
  }

  /** Absolute, as the process runs elsewhere. */
  private static String classPath() {
    String separator = System.getProperty("path.separator");
    return String.join(
        separator,
        Arrays.stream(System.getProperty("java.class.path").split(separator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .toList());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
