package com.example.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code java -p … -m com.example.modular}: every jar is a named module, and providers are bound to
 * the api, which alone {@code uses} them. The plugins show in a text without the letter e, in
 * another text chosen, in a model of words.
 */
class PluginOnTheModulePathTest {
  private static final String PLUGIN = "-Dfundamentallm.sampler=lipogram=e";

  @TempDir Path folder;

  @Test
  void without_a_setting_the_letter_is_there() throws Exception {
    assertThat(texts(Jdk.running())).allMatch(text -> text.contains("e"));
  }

  @Test
  void the_plugin_is_selected_by_a_system_property_on_the_main_thread_and_in_the_common_pool()
      throws Exception {
    assertThat(texts(Jdk.running(), PLUGIN)).noneMatch(text -> text.contains("e"));
  }

  @Test
  void likewise_on_the_other_jdk() throws Exception {
    Optional<Jdk> other = Jdk.other();
    assumeTrue(other.isPresent(), "no other JDK of at least 17 is installed beside this one");
    assertThat(texts(other.get(), PLUGIN)).noneMatch(text -> text.contains("e"));
  }

  @Test
  void likewise_with_the_vector_api() throws Exception {
    assertThat(texts(Jdk.running(), PLUGIN, "--add-modules", "jdk.incubator.vector"))
        .noneMatch(text -> text.contains("e"));
  }

  @Test
  void all_kinds_of_plugins_work_together() throws Exception {
    String decoder = "-Dfundamentallm.decoder=consensus(of=4)";
    Run run = run("words", 150, Jdk.running(), PLUGIN, decoder);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().replace("main thread: ", "").replace("common pool: ", ""))
        .isNotBlank()
        .doesNotContain("e");
    assertThat(folder.resolve("model")).isDirectoryContaining("glob:**words.vocab");
  }

  @Test
  void all_jars_are_named_modules_and_none_is_automatic() throws Exception {
    Run run = run(Jdk.running(), "--show-module-resolution");
    assertThat(run.exit()).as(run.err()).isZero();
    List<String> resolved = run.out().lines().filter(line -> line.contains("file:")).toList();
    for (String module :
        List.of(
            "io.fundamentallm",
            "io.fundamentallm.tokenizers",
            "io.fundamentallm.samplers",
            "io.fundamentallm.runtime.cpu",
            "com.example.plugins",
            "com.example.modular")) {
      assertThat(resolved)
          .anyMatch(
              line ->
                  line.contains(" " + module + " file:")
                      || line.startsWith(module + " file:")
                      || line.startsWith("root " + module + " file:"));
    }
    assertThat(resolved).noneMatch(line -> line.endsWith("automatic"));
  }

  /** What the application wrote: on the main thread, then in the common pool. */
  private List<String> texts(Jdk jdk, String... options) throws Exception {
    Run run = run(jdk, options);
    assertThat(run.exit()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).startsWith("main thread: ");
    assertThat(lines.get(1)).startsWith("common pool: ");
    List<String> texts =
        lines.stream().map(line -> line.substring("main thread: ".length())).toList();
    assertThat(texts.get(1)).hasSize(50).isEqualTo(texts.get(0));
    return texts;
  }

  private Run run(Jdk jdk, String... options) throws Exception {
    return run("character(special=false)", 20, jdk, options);
  }

  private Run run(String tokenizer, int steps, Jdk jdk, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of("-p", modulePath(), "-m", "com.example.modular/com.example.modular.Main"));
    arguments.addAll(List.of("model", tokenizer, "" + steps));
    return jdk.java(folder, arguments);
  }

  /**
   * The jars of this test's class path without those of the test frameworks, and our own classes.
   */
  private static String modulePath() {
    List<String> wanted =
        List.of(
            "fundamentallm-",
            "failureaccess-",
            "guava-",
            "jackson-core-",
            "slf4j-api-",
            "slf4j-simple-");
    Stream<Path> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(path -> wanted.stream().anyMatch(path.getFileName().toString()::startsWith));
    return Stream.concat(jars, Stream.of(Path.of("target", "classes")))
        .map(path -> path.toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
