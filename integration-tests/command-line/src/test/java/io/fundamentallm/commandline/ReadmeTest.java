package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of this module's README work, and those of the root's are some of them. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final String NOVEL =
      "integration-tests/quickstart/src/main/resources/io/fundamentallm/quickstart/"
          + "pride-and-prejudice.txt";
  private static final String JAR =
      "integration-tests/command-line/target/fundamentallm-command-line-0.1.0-SNAPSHOT.jar";

  @TempDir Path folder;

  @Test
  void they_work_by_copy_and_paste() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no shell");
    assertThat(ROOT.resolve(NOVEL)).exists();
    Files.writeString(folder.resolve("text.txt"), Austen.TEXT.repeat(8));
    String block = commands(Path.of("README.md"));
    assertThat(block).contains("fundamentallm train " + NOVEL, JAR, "--steps 500");
    assertThat(block.lines().toList())
        .containsAll(commands(ROOT.resolve("README.md")).lines().toList());
    // Less to do, on the jar that lies where the tests run. Vector kernels are slow until they are
    // compiled, which in so short a time they are not.
    List<String> java = Jdk.running().command(List.of("-Dfundamentallm.kernels=scalar"));
    String script =
        block
            .replace(NOVEL, "text.txt")
            .replace("--steps 500", "--steps 3 --architecture 'gpt2(layers=1)'")
            .replace(JAR, Shell.jar().toString())
            .replace("java ", "'" + String.join("' '", java) + "' ");

    Run run =
        Shell.in(folder).run(List.of("/bin/bash", "-euc", "set -o pipefail\n" + script), "It is\n");

    assertThat(run.exit()).as(run.err() + run.out()).isZero();
    assertThat(run.out())
        .contains("wrote target/novel", "It is a", "\"bitsPerByte\":", "model.onnx", "gpt2");
  }

  /** The block of a page that defines the command and uses it. */
  private static String commands(Path page) throws Exception {
    return Files.readString(page).replaceAll("(?s).*```sh\n(fundamentallm\\(\\).*?)```.*", "$1");
  }
}
