package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin beside the jar is found by its name. */
class PluginTest {
  @TempDir Path plugin;

  @Test
  void a_stage_that_a_plugin_brings_chooses() throws Exception {
    compile(
        "Only",
        "SamplerProvider",
        """
        import io.fundamentallm.spi.*;

        public final class Only implements SamplerProvider {
          public String name() {
            return "only";
          }

          public SamplerStage create(Options options) {
            return SamplerStage.processor(
                binding -> step -> {
                  int token = binding.requireTokenizer("only").encode("w")[0];
                  step.logits().retainIf(i -> step.logits().token(i) == token);
                });
          }
        }
        """);

    Run run =
        run("generate", "model", "--prompt=It is", "--sampler=only,greedy", "--max-tokens=12");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().strip()).isEqualTo("wwwwwwwwwwww");
    assertThat(SmallModel.shell().run("generate", "model", "--sampler=only").err())
        .contains("no sampler stage named \"only\"");
  }

  @Test
  void of_a_runtime_that_says_little_inspect_shows_that_alone() throws Exception {
    compile(
        "Uniform",
        "LanguageModelProvider",
        """
        import io.fundamentallm.model.*;
        import io.fundamentallm.spi.*;
        import java.nio.file.Path;

        public final class Uniform implements LanguageModelProvider {
          public String name() {
            return "uniform";
          }

          public Support supports(Path directory) {
            return Support.no("it is to be asked for");
          }

          public LanguageModel load(Path directory, Options options) {
            ModelInfo.Builder info = ModelInfo.builder("even", 300, 64).device("memory");
            return StatelessModel.of(info, (tokens, length, row) -> java.util.Arrays.fill(row, 0));
          }
        }
        """);

    Run run = run("inspect", "model", "--runtime=uniform");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .contains(
            "architecture   even", "sizes          context of 64 tokens", "device         memory");
    assertThat(run.out()).doesNotContain("unknown", "parameters ", "0 layers");
  }

  @Test
  void a_tokenizer_that_a_plugin_brings_goes_along_to_a_graph() throws Exception {
    compile(
        "Letters",
        "TokenizerProvider",
        """
        import io.fundamentallm.spi.*;
        import java.util.List;

        public final class Letters implements WordLevelProvider {
          public String name() {
            return "letters";
          }

          public List<String> cut(String text) {
            return List.of(text.split(""));
          }
        }
        """);
    String[] train =
        SmallModel.train("lettered", "--steps", "20", "--tokenizer", "letters", "--seed", "1");
    assertThat(run(train).exit()).isZero();
    Path folder = SmallModel.folder();
    assertThat(folder.resolve("lettered/letters.vocab")).exists();

    Run converted = run("convert", "lettered", "--to=onnx", "--out=lettered-graph");

    assertThat(converted.exit()).as(converted.err()).isZero();
    assertThat(folder.resolve("lettered-graph/letters.vocab"))
        .hasSameBinaryContentAs(folder.resolve("lettered/letters.vocab"));
    String[] more = {"--prompt=It is", "--sampler=greedy", "--max-tokens=12"};
    Run graph = run("generate", "lettered-graph", more[0], more[1], more[2]);
    Run model = run("generate", "lettered", more[0], more[1], more[2]);
    assertThat(graph.exit()).as(graph.err()).isZero();
    assertThat(graph.out()).isEqualTo(model.out());
    Run file = run("convert", "lettered", "--to=gguf", "--out=lettered.gguf");
    assertThat(file.exit()).isEqualTo(1);
    assertThat(file.err())
        .contains("lettered: a GGUF file cannot hold the tokenizer \"letters\": llama.cpp cuts ");
  }

  private void compile(String type, String kind, String text) throws Exception {
    Path source = Files.writeString(plugin.resolve(type + ".java"), text);
    String jar = Shell.jar().toString();
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", jar, "-d", plugin.toString(), source.toString()))
        .isZero();
    Path services = Files.createDirectories(plugin.resolve("META-INF/services"));
    Files.writeString(services.resolve("io.fundamentallm.spi." + kind), type);
  }

  /** With the plugin beside the jar. */
  private Run run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>();
    all.add("-cp");
    all.add(Shell.jar() + File.pathSeparator + plugin);
    all.add("io.fundamentallm.commandline.Main");
    all.addAll(List.of(arguments));
    return SmallModel.shell().run(Jdk.running().command(all), "");
  }
}
