package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin beside the jar is found by its name. */
class PluginTest {
  @TempDir Path plugin;

  @Test
  void a_stage_that_a_plugin_brings_chooses() throws Exception {
    Path source =
        Files.writeString(
            plugin.resolve("Only.java"),
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
    String jar = Shell.jar().toString();
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", jar, "-d", plugin.toString(), source.toString()))
        .isZero();
    Path services = Files.createDirectories(plugin.resolve("META-INF/services"));
    Files.writeString(services.resolve("io.fundamentallm.spi.SamplerProvider"), "Only");

    Run run =
        SmallModel.shell()
            .run(
                Jdk.running()
                    .command(
                        List.of(
                            "-cp",
                            jar + File.pathSeparator + plugin,
                            "io.fundamentallm.commandline.Main",
                            "generate",
                            "model",
                            "--prompt=It is",
                            "--sampler=only,greedy",
                            "--max-tokens=12")),
                "");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().strip()).isEqualTo("wwwwwwwwwwww");
    assertThat(SmallModel.shell().run("generate", "model", "--sampler=only").err())
        .contains("no sampler stage named \"only\"");
  }
}
