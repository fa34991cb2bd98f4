package com.example.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application and the library in one jar, wherever that lies. */
class OneJarTest {
  private static final String SAMPLER = "-Dfundamentallm.sampler=lipogram=e,top-k=20";
  private static final String VECTORS = "--add-modules=jdk.incubator.vector";

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws Exception {
    SmallModel.train(folder.resolve("model"));
  }

  @Test
  void it_writes_with_and_without_the_vector_api_and_finds_the_plugin() throws Exception {
    String jar = Jars.shaded("one-jar").toString();
    Run scalar = run(SAMPLER, "-jar", jar);
    Run vector = run(SAMPLER, VECTORS, "-cp", jar, Main.class.getName());
    assertThat(text(scalar)).hasSize(60).doesNotContain("e").isEqualTo(text(vector));
    assertThat(scalar.err())
        .contains(
            "CPU kernels: scalar (start the JVM with --add-modules jdk.incubator.vector for the"
                + " faster vector kernels)")
        .doesNotContain("oneDNN"); // the jar has none of it, so there is nothing to say of it
    assertThat(vector.err()).contains("CPU kernels: vector");
    assertThat(text(run("-jar", jar))).contains("e");
  }

  @Test
  void jackson_may_be_relocated() throws Exception {
    try (JarFile jar = new JarFile(Jars.shaded("one-jar").toFile())) {
      List<String> names = jar.stream().map(JarEntry::getName).toList();
      assertThat(names)
          .noneMatch(name -> name.startsWith("com/fasterxml"))
          .contains("com/example/shaded/jackson/core/JsonFactory.class");
    }
  }

  @Test
  void where_lists_of_providers_overwrote_each_other_the_answer_says_so() throws Exception {
    Path jar = Jars.shaded("lost-services");
    Run run = run(SAMPLER, "-jar", jar.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains("no sampler stage named \"")
        .contains("jars were made into one, " + jar.toUri().toURL())
        .contains("META-INF/services have to be merged")
        .contains("ServicesResourceTransformer");
  }

  @Test
  void it_may_lie_in_a_folder_with_spaces_and_signs() throws Exception {
    assertRunsIn("with spaces, 100% + more #1");
  }

  @Test
  void it_may_lie_in_a_folder_with_letters_of_any_alphabet() throws Exception {
    String name = "na\u00EFve caf\u00E9 \u65E5\u672C";
    String files = System.getProperty("sun.jnu.encoding");
    assumeTrue(Charset.forName(files).newEncoder().canEncode(name), "file names are in " + files);
    assertRunsIn(name);
  }

  /** Moved there as one jar, as jars on the class path, and with the model beside them. */
  private static void assertRunsIn(String name) throws Exception {
    Path there = Files.createDirectories(folder.resolve(name));
    Path jar = Files.copy(Jars.shaded("one-jar"), there.resolve("an app.jar"));
    String expected = text(run(SAMPLER, "-jar", Jars.shaded("one-jar").toString()));
    Path model = copy(folder.resolve("model"), there.resolve("a model"));

    Run one = java(SAMPLER, "-jar", jar.toString(), model.toString());
    assertThat(text(one)).isEqualTo(expected);

    Path libraries = Files.createDirectories(there.resolve("lib"));
    for (Path library : Jars.all()) {
      if (Files.isRegularFile(library)) {
        Files.copy(library, libraries.resolve(library.getFileName()));
      }
    }
    String classPath = libraries + File.separator + "*" + File.pathSeparator + Jars.application();
    Run several = java(SAMPLER, "-cp", classPath, Main.class.getName(), model + "");
    assertThat(text(several)).isEqualTo(expected);
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).collect(Collectors.toList())) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }

  private static Run run(String... arguments) throws Exception {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "model";
    return java(all);
  }

  private static Run java(String... arguments) throws Exception {
    return Jdk.running().java(folder, List.of(arguments));
  }

  /** The line that the application wrote. */
  private static String text(Run run) {
    return run.succeeded().lines().findFirst().orElseThrow();
  }
}
