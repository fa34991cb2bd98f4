package io.fundamentallm.springai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private record Ended(int exit, String printed) {}

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
    compile("Reception.java", program());

    Ended ended = run("-Dfundamentallm.model=" + TinyChat.directory(), "com.example.Reception");

    assertThat(ended.exit).as(ended.printed).isZero();
    assertThat(ended.printed.lines().map(String::strip))
        .contains("hello Ann", "you are Ann", "Seat[free=true, row=FRONT]");
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
    compile("Reception.java", program());

    Ended ended = run("com.example.Reception");

    assertThat(ended.exit).isEqualTo(1);
    assertThat(ended.printed)
        .contains("APPLICATION FAILED TO START", "'fundamentallm.model'")
        .doesNotContain("\tat ");
  }

  @Test
  void without_boot_the_models_work_by_themselves() throws Exception {
    jars.removeIf(jar -> jar.matches(".*/spring-(boot|context|ai-client|ai-autoconfigure)[^/]*"));
    compile("Plain.java", PLAIN);

    Ended ended = run("Plain", TinyChat.directory().toString());

    assertThat(ended.exit).as(ended.printed).isZero();
    assertThat(ended.printed).contains("hello Ann", "completionTokens=");
  }

  private void compile(String name, String program) throws Exception {
    Path source = Files.writeString(folder.resolve(name), program);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath(), "-d", folder.toString(), source.toString());
    assertThat(compiled).isZero();
  }

  private Ended run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // these processes live for a second
                "-XX:+UseSerialGC",
                "-cp",
                classPath()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after 20 minutes: " + Files.readString(out, UTF_8));
    }
    return new Ended(process.exitValue(), Files.readString(out, UTF_8));
  }

  private String classPath() {
    return String.join(File.pathSeparator, jars) + File.pathSeparator + folder;
  }

  private static String program() throws Exception {
    List<String> programs =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(match -> match.group(1))
            .filter(block -> block.contains("class Reception {"))
            .toList();
    assertThat(programs).hasSize(1);
    return programs.get(0);
  }
}
