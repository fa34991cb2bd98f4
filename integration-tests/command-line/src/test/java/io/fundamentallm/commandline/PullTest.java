package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.StubHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a name on the hub to a text. */
class PullTest {
  @TempDir Path folder;
  private final StubHub stub = new StubHub();

  @BeforeEach
  void serve() throws Exception {
    try (Stream<Path> files = Files.list(SmallModel.folder().resolve("model"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        stub.files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  private Run run(String... arguments) throws Exception {
    List<String> command = Shell.in(folder).command(arguments);
    Map<String, String> environment =
        Map.of("HF_ENDPOINT", stub.endpoint().toString(), "HF_HOME", folder.toString());
    return Run.of(folder, command, "", environment);
  }

  @Test
  void a_pulled_model_writes_from_the_cache_and_from_a_directory() throws Exception {
    Run pulled = run("pull", StubHub.REPOSITORY);
    String snapshot = pulled.succeeded().strip();
    assertThat(Path.of(snapshot, "model.safetensors")).isSymbolicLink();
    assertThat(pulled.err()).contains("model.safetensors, ", "config.json, ");
    String text =
        run("generate", snapshot, "--prompt", "It is", "--max-tokens", "5", "--seed", "1")
            .succeeded();
    assertThat(text).isNotBlank();

    assertThat(run("pull", StubHub.REPOSITORY, "--to", "mine").succeeded().strip())
        .isEqualTo("mine");
    assertThat(
            run("generate", "mine", "--prompt", "It is", "--max-tokens", "5", "--seed", "1")
                .succeeded())
        .isEqualTo(text);
    stub.requests.clear();
    assertThat(run("pull", StubHub.REPOSITORY, "--offline").succeeded().strip())
        .isEqualTo(snapshot);
    assertThat(stub.requests).isEmpty();
  }

  @Test
  void refusals_are_one_line() throws Exception {
    Run unknown = run("pull", "nobody/nothing");
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err())
        .startsWith("fundamentallm: nobody/nothing at main: there is no such repository")
        .hasLineCount(1);
    Run wrong = run("pull", "not a name");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.err()).contains("expected owner/name").hasLineCount(1);
    assertThat(run("pull", "a/b", "--revision", "../x").exit()).isEqualTo(2);
  }
}
