package io.fundamentallm.springai;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.model.ChatModel;

/** Applications in JVMs of their own, from jars alone. */
class ProcessTest {
  /** What needs no Boot. */
  private static final String PLAIN =
      """
      import io.fundamentallm.TextGenerator;
      import io.fundamentallm.springai.FundamentaLlmChatModel;
      import java.nio.file.Path;
      import org.springframework.ai.chat.prompt.Prompt;

      public class Plain {
        public static void main(String[] arguments) throws Exception {
          try (TextGenerator generator = TextGenerator.load(Path.of(arguments[0]))) {
            FundamentaLlmChatModel model = FundamentaLlmChatModel.of(generator);
            System.out.println(model.call("I am Ann"));
            System.out.println(model.stream(new Prompt("I am Bob")).blockLast().getMetadata());
          }
        }
      }
      """;

  @TempDir Path folder;
  private List<String> jars;

  @BeforeEach
  void collect() throws Exception {
    jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      files
          .map(Path::toAbsolutePath)
          .map(Path::toString)
          .filter(file -> file.matches(".*fundamentallm-spring-ai-[0-9.]+(-SNAPSHOT)?\\.jar"))
          .forEach(jars::add);
    }
    assertThat(jars).hasSize(1);
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.matches(".*(junit|assertj|surefire|reactor-test|-test-).*"))
        .forEach(jars::add);
  }

  @Test
  void the_readmes_application_answers_from_its_properties() throws Exception {
    reception();

    Run ended = run("-Dfundamentallm.model=" + TinyChat.greedy(), "com.example.Reception");

    assertThat(ended.succeeded().lines().map(String::strip))
        .contains("hello Ann", "you are Ann", "Seat[free=true, row=FRONT]");
  }

  @Test
  void the_readmes_guide_calls_its_tool() throws Exception {
    PageCode.compile(
        folder, "Guide", PageCode.java(Path.of("README.md"), "class Guide {"), classPath());
    try (TextGenerator generator = ToolChat.load();
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method answer =
          loader.loadClass("Guide").getDeclaredMethod("answer", ChatModel.class, String.class);
      answer.setAccessible(true);

      assertThat(
              answer.invoke(
                  null, FundamentaLlmChatModel.of(generator), "What is the weather in Munich?"))
          .isEqualTo("The sun is out");
    }
  }

  @Test
  void every_piece_of_java_of_the_readme_is_one_of_these() throws Exception {
    assertThat(PageCode.java(Path.of("README.md"))).hasSize(2);
  }

  @Test
  void the_readmes_versions_are_those_that_are_tested_here() throws Exception {
    Pattern version =
        Pattern.compile("<artifactId>([^<]+)</artifactId>\\s*<version>([^<]+)</version>");
    assertThat(version.matcher(Files.readString(Path.of("README.md"))).results())
        .hasSize(2)
        .allSatisfy(
            named ->
                assertThat(jars)
                    .anyMatch(jar -> jar.endsWith(named.group(1) + "-" + named.group(2) + ".jar")));
  }

  @Test
  void an_application_without_a_model_says_which_property_to_set() throws Exception {
    reception();

    Run ended = run("com.example.Reception");

    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.out() + ended.err())
        .contains("APPLICATION FAILED TO START", "'fundamentallm.model'")
        .doesNotContain("\tat ");
  }

  @Test
  void an_application_with_a_misspelt_property_says_which_was_meant() throws Exception {
    reception();

    for (List<String> start :
        List.of(
            List.of("com.example.Reception", "--fundamentallm.modle=/models/mine"),
            List.of("-Dfundamentallm.modle=/models/mine", "com.example.Reception"))) {
      Run ended = run(start.toArray(String[]::new));

      assertThat(ended.exit()).isEqualTo(1);
      assertThat(ended.out() + ended.err())
          .contains("APPLICATION FAILED TO START", "Did you mean fundamentallm.model?")
          .doesNotContain("\tat ", "Reason:");
    }
  }

  @Test
  void without_boot_the_models_work_by_themselves() throws Exception {
    jars.removeIf(jar -> jar.matches(".*/spring-(boot|context|ai-client|ai-autoconfigure)[^/]*"));
    PageCode.compile(folder, "Plain", PLAIN, classPath());

    Run ended = run("Plain", TinyChat.greedy().toString());

    assertThat(ended.succeeded()).contains("hello Ann", "completionTokens=");
  }

  /** Compiles the application that the README shows. */
  private void reception() throws Exception {
    String program = PageCode.java(Path.of("README.md"), "class Reception {");
    PageCode.compile(folder, "Reception", program, classPath());
  }

  private Run run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("-cp", classPath()));
    all.addAll(List.of(arguments));
    return Jdk.running().java(folder, all);
  }

  private String classPath() {
    return String.join(File.pathSeparator, jars) + File.pathSeparator + folder;
  }
}
