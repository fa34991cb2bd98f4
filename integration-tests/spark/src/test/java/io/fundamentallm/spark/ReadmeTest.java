package io.fundamentallm.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The program and the command that the README shows. */
@ExtendWith(LocalCluster.class) // lays out the installation
class ReadmeTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir Path folder;

  @Test
  void the_program_runs_by_the_command_that_stands_there() throws Exception {
    String program = block("java");
    String plan = ".architecture(\"gpt2(layers=2)\")";
    assertThat(program).containsOnlyOnce(plan);
    String quick =
        ".architecture(\"gpt2(layers=2,heads=2,hidden-size=32)\").contextLength(32).batchSize(4)";
    Path source = Files.writeString(folder.resolve("Corpus.java"), program.replace(plan, quick));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", CLASS_PATH, "-d", classes.toString(), source.toString());
    assertThat(compiled).isZero();
    zip(classes, folder.resolve("corpus.jar"));
    zip(Novel.model(), folder.resolve("model.zip"));
    Files.writeString(folder.resolve("texts.txt"), String.join("\n", Novel.lines(300)));

    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();

    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    String printed = Files.readString(out, UTF_8);
    assertThat(process.exitValue()).as(printed).isZero();
    assertThat(printed).contains("bits_per_byte", "trained 20 steps, loss ");
    assertThat(folder.resolve("trained/model.safetensors")).exists();
  }

  /** The command, with what the script spark-submit puts before its class, and on one executor. */
  private List<String> command() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(LocalCluster.SHORT_LIFE.split(" ", -1)));
    command.addAll(
        Arrays.asList(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+", -1)));
    String sparkAlone =
        Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
            .filter(entry -> entry.endsWith(".jar"))
            .filter(entry -> !new File(entry).getName().startsWith("fundamentallm-"))
            .collect(Collectors.joining(File.pathSeparator));
    command.addAll(List.of("-cp", sparkAlone, "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", "local-cluster[1,1,1024]"));
    for (String conf :
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.driver.bindAddress=127.0.0.1",
            "spark.ui.enabled=false",
            "spark.executor.extraJavaOptions=" + LocalCluster.SHORT_LIFE,
            "spark.executor.extraClassPath=" + log4j())) {
      command.addAll(List.of("--conf", conf));
    }
    String shown = block("sh").replace("\\\n", " ").strip();
    assertThat(shown).startsWith("spark-submit ");
    for (String word : shown.substring("spark-submit ".length()).split("\\s+", -1)) {
      command.add(
          word.startsWith("fundamentallm-")
              ? jars(word)
              : word.replace("/data/corpus", folder.resolve("corpus").toString()));
    }
    return command;
  }

  /** Executors find here what to log. */
  private static String log4j() {
    return Path.of("target", "test-classes").toAbsolutePath().toString();
  }

  /** The jars of the list where they lie. */
  private static String jars(String names) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      jars.add(
          Stream.concat(
                  Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1)),
                  Stream.of(Path.of("target", name).toAbsolutePath().toString()))
              .filter(entry -> entry.endsWith(File.separator + name))
              .filter(entry -> Files.exists(Path.of(entry)))
              .findFirst()
              .orElseThrow(() -> new IOException("no " + name)));
    }
    return String.join(",", jars);
  }

  private static void zip(Path from, Path to) throws IOException {
    try (OutputStream file = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(file);
        Stream<Path> files = Files.list(from)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(each.getFileName().toString()));
        Files.copy(each, zip);
      }
    }
  }

  private static String block(String language) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }
}
