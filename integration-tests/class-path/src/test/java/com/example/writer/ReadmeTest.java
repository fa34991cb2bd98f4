package com.example.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is what the library does. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Path PLUGINS = Path.of("..", "custom-plugins", "src", "main", "java");

  @TempDir Path folder;

  @Test
  void the_ten_lines_train_a_model_and_write() throws Exception {
    String program = block("class Novel").replace(".build();", ".steps(2).build();");
    compile("Novel", program);
    Files.writeString(folder.resolve("novel.txt"), "It is a truth universally known. ".repeat(40));

    Jdk.Run run =
        Jdk.running()
            .java(folder, List.of("-cp", classPath() + File.pathSeparator + folder, "Novel"));

    assertThat(run.exit()).as(run.err()).isZero();
    // a model of two steps, drawn from without a seed, may end at once; the line is printed anyway
    assertThat(run.out()).endsWith(System.lineSeparator());
    assertThat(folder.resolve("model"))
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**model.safetensors")
        .isDirectoryContaining("glob:**tokenizer.json");
  }

  @Test
  void the_snippets_compile() throws Exception {
    String snippets =
        String.join(
            "\n",
            block("withSampler(\"temperature"),
            block("json-schema"),
            block("withDecoder("),
            block("architecture(\"llama\")"),
            block("FineTuning.of("),
            block("TrainingReport.of("),
            block("TrainingObjective.MAXIMUM_LIKELIHOOD"),
            block("TextScorer.of("),
            block("TextEmbedder.of("),
            block("generator.publish("),
            block("generateAll("),
            block("LanguageModels.batching("),
            block("ModelComparer.of("),
            block("OnnxExport.write("),
            block("gpu(device=auto)"),
            block("published.encode("),
            block("TextLines.of("),
            block("TextCorpus."));
    compile(
        "Snippets",
        """
        import io.fundamentallm.*;
        import io.fundamentallm.runtime.cpu.onnx.*;
        import java.nio.file.*;
        import java.util.List;
        import java.util.concurrent.Flow;
        import java.util.stream.Stream;
        class Snippets {
          void run(TextGenerator generator, Tokenizer tokenizer, LanguageModel model)
              throws Exception {
            %s
          }
        }
        """
            .formatted(snippets));
  }

  @Test
  void the_plugins_are_the_real_ones() throws Exception {
    for (String name : List.of("Words", "Lipogram", "Consensus")) {
      assertThat(block("class " + name + " implements"))
          .isEqualTo(Files.readString(PLUGINS.resolve("com/example/plugins/" + name + ".java")));
    }
    assertThat(block("module com.example.plugins"))
        .isEqualTo(Files.readString(PLUGINS.resolve("module-info.java")));
  }

  @Test
  void a_plugin_is_thirty_lines_at_most() throws Exception {
    for (String name : List.of("Words", "Lipogram", "Consensus")) {
      String block = block("class " + name + " implements");
      assertThat(block.lines().dropWhile(line -> !line.startsWith("public final class")))
          .as(name)
          .hasSizeBetween(10, 30);
    }
  }

  /** The one block of Java that contains these words. */
  private static String block(String words) throws Exception {
    List<String> blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("README.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .filter(block -> block.contains(words))
            .toList();
    assertThat(blocks).as(words).hasSize(1);
    return blocks.get(0);
  }

  private void compile(String name, String source) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options = List.of("-cp", classPath(), "-d", folder.toString());
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }

  private static String classPath() {
    return ClassPath.jars().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
