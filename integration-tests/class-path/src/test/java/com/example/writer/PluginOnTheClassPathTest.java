package com.example.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.text.Tokenizer;
import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The writer's jar, compiled without knowing the plugins, finds them by name: the letter e is gone,
 * another text is chosen, a model of words can be read.
 */
class PluginOnTheClassPathTest {
  private static final String PLUGIN = "-Dfundamentallm.sampler=lipogram=e";
  private static final String PLUGIN_JAR = "custom-plugins";
  private static final String DECODER = "-Dfundamentallm.decoder=consensus(of=4)";

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws Exception {
    SmallModel.train(folder.resolve("model"), 128, 60);
    SmallModel.train(folder.resolve("words"), "words", 128, 20);
  }

  @Test
  void without_a_setting_the_letter_is_there() throws Exception {
    assertThat(texts(Jdk.running(), "-cp", classPath(true), "com.example.writer.Writer"))
        .allMatch(text -> text.contains("e"));
  }

  @Test
  void the_plugin_is_selected_by_a_system_property_on_the_main_thread_and_in_the_common_pool()
      throws Exception {
    assertThat(texts(Jdk.running(), PLUGIN, "-cp", classPath(true), "com.example.writer.Writer"))
        .noneMatch(text -> text.contains("e"));
  }

  @Test
  void likewise_on_the_other_jdk() throws Exception {
    assertThat(texts(otherJdk(), PLUGIN, "-cp", classPath(true), "com.example.writer.Writer"))
        .noneMatch(text -> text.contains("e"));
  }

  @Test
  void the_plugin_works_from_a_shaded_jar() throws Exception {
    assertThat(texts(Jdk.running(), PLUGIN, "-jar", shadedJar().toString()))
        .noneMatch(text -> text.contains("e"));
  }

  @Test
  void the_shaded_jar_runs_on_the_other_jdk_too() throws Exception {
    assertThat(texts(otherJdk(), PLUGIN, "-jar", shadedJar().toString()))
        .noneMatch(text -> text.contains("e"));
  }

  @Test
  void a_decoder_of_ones_own_is_selected_by_a_system_property() throws Exception {
    List<String> plain = texts(Jdk.running(), "-cp", classPath(true), "com.example.writer.Writer");
    assertThat(texts(Jdk.running(), DECODER, "-cp", classPath(true), "com.example.writer.Writer"))
        .doesNotContainAnyElementsOf(plain);
  }

  @Test
  void a_tokenizer_of_ones_own_is_found_by_its_file_or_by_its_name() throws Exception {
    String name = "-Dfundamentallm.tokenizer=words";
    List<String> byFile = words("-cp", classPath(true), "com.example.writer.Writer");
    assertThat(words(name, "-cp", classPath(true), "com.example.writer.Writer")).isEqualTo(byFile);
    assertThat(words(name, "-jar", shadedJar().toString())).isEqualTo(byFile);
  }

  @Test
  void no_model_is_trained_where_another_tokenizer_would_be_loaded_with_it() throws Exception {
    Path directory = folder.resolve("retrained");
    SmallModel.train(directory, "character", 128, 1);
    assertThatIOException()
        .isThrownBy(() -> SmallModel.train(directory, "words", 128, 1))
        .withMessageContaining(directory + " has files of another tokenizer")
        .withMessageContaining(": remove tokenizer.json, or train");
    Files.delete(directory.resolve("tokenizer.json"));
    SmallModel.train(directory, "words", 128, 1);
    SmallModel.train(directory, "words", 128, 1);
  }

  @Test
  void no_file_is_named_where_none_stands_in_the_way_or_it_would_take_too_long() throws Exception {
    Path directory = folder.resolve("unlike");
    SmallModel.train(directory, "character", 128, 1);
    Tokenizer words = Tokenizers.learn("words", Austen.TEXT);
    Tokenizer letters = Tokenizers.learn("character", "letters");
    Tokenizer unlike = // words, but saved as letters
        (Tokenizer)
            Proxy.newProxyInstance(
                Tokenizer.class.getClassLoader(),
                new Class<?>[] {Tokenizer.class},
                (proxy, method, arguments) ->
                    method.invoke(method.getName().equals("save") ? letters : words, arguments));
    assertThatIOException()
        .isThrownBy(() -> SmallModel.train(directory, unlike, 128, 1))
        .withMessageContaining(": remove them, or train");

    Path crowded = folder.resolve("crowded");
    SmallModel.train(crowded, "character", 128, 1);
    for (int i = 0; i < 17; i++) {
      Files.createFile(crowded.resolve("note-" + i));
    }
    assertThatIOException()
        .isThrownBy(() -> SmallModel.train(crowded, words, 128, 1))
        .withMessageContaining(": remove them, or train");
  }

  @Test
  void without_the_plugins_jar_the_answer_says_what_is_missing() throws Exception {
    assertThat(failure("model", PLUGIN))
        .contains("ProviderException: no sampler stage named \"lipogram\"")
        .contains("top-p");
    assertThat(failure("model", DECODER))
        .contains("ProviderException: no decoder named \"consensus\"")
        .contains("beam");
    assertThat(failure("words", "-Dfundamentallm.tokenizer=words"))
        .contains("ProviderException: no tokenizer named \"words\"")
        .contains("character");
    assertThat(failure("words", PLUGIN))
        .contains("ProviderException: no tokenizer can be loaded from words")
        .contains("huggingface: ");
  }

  private static String failure(String model, String option) throws Exception {
    Run run =
        run(model, Jdk.running(), option, "-cp", classPath(false), "com.example.writer.Writer");
    assertThat(run.exit()).isEqualTo(1);
    return run.err();
  }

  /** What the writer wrote with the model of words. */
  private static List<String> words(String... arguments) throws Exception {
    return texts(run("words", Jdk.running(), arguments));
  }

  /** What the writer wrote: on the main thread, then in the common pool. */
  private static List<String> texts(Jdk jdk, String... arguments) throws Exception {
    return texts(run("model", jdk, arguments));
  }

  private static List<String> texts(Run run) {
    assertThat(run.exit()).as(run.err()).isZero();
    String out = run.out();
    String pool = "common pool: ";
    assertThat(out).startsWith("main thread: ").contains(pool);
    int split = out.indexOf(pool);
    List<String> texts =
        List.of(
            out.substring("main thread: ".length(), split), out.substring(split + pool.length()));
    assertThat(texts.get(1)).hasSizeGreaterThan(90).isEqualTo(texts.get(0));
    return texts;
  }

  private static Run run(String model, Jdk jdk, String... arguments) throws Exception {
    List<String> all =
        Stream.concat(Arrays.stream(arguments), Stream.of(model, "It is a ")).toList();
    return jdk.java(folder, all);
  }

  private static Jdk otherJdk() throws Exception {
    Optional<Jdk> other = Jdk.other();
    assumeTrue(other.isPresent(), "no other JDK of at least 17 is installed beside this one");
    return other.get();
  }

  /** The jars of this test's own class path; the child gets what an application would. */
  private static String classPath(boolean withPlugin) {
    return ClassPath.jars()
        .filter(jar -> withPlugin || !jar.getFileName().toString().contains(PLUGIN_JAR))
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path shadedJar() throws Exception {
    try (Stream<Path> files = Files.list(ClassPath.buildFolder())) {
      return files
          .filter(file -> file.toString().endsWith("-shaded.jar"))
          .map(Path::toAbsolutePath)
          .findFirst()
          .orElseThrow();
    }
  }
}
