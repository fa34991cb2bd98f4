package com.example.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.StubHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in README.md does what the page says. */
class ReadmeTest {
  @TempDir Path folder;

  @Test
  void the_page_shows_the_program() throws Exception {
    assertThat(Path.of("README.md"))
        .content()
        .contains(
            "```java\n"
                + Files.readString(Path.of("src/test/java/com/example/hub/Fetch.java"))
                + "```\n");
  }

  @Test
  void the_program_downloads_and_reports_refusals() throws Exception {
    try (StubHub stub = new StubHub()) {
      stub.files.put("config.json", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      stub.files.put("model.safetensors", new byte[1000]);
      String snapshot =
          folder.resolve("hub/models--tiny--model/snapshots").resolve(StubHub.COMMIT).toString();
      Run run = fetch(stub, StubHub.COMMIT);
      assertThat(run.succeeded().strip()).isEqualTo(snapshot);
      assertThat(run.err()).contains("config.json 2/2", "model.safetensors 1000/1000");
      assertThat(fetch(stub, "v2").succeeded().strip())
          .startsWith("tiny/model at v2: ")
          .endsWith("(status 404)");
      assertThat(fetch(stub, "v2", Map.of("HF_HUB_OFFLINE", "1")).succeeded().strip())
          .contains("does not hold tiny/model at v2")
          .endsWith("(status 0)");
    }
  }

  private Run fetch(StubHub stub, String revision) throws Exception {
    return fetch(stub, revision, Map.of());
  }

  private Run fetch(StubHub stub, String revision, Map<String, String> more) throws Exception {
    List<String> command =
        Jdk.running()
            .command(
                List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    Fetch.class.getName(),
                    StubHub.REPOSITORY,
                    revision));
    Map<String, String> environment = new HashMap<>(more);
    environment.put("HF_ENDPOINT", stub.endpoint().toString());
    environment.put("HF_HOME", folder.toString());
    return Run.of(folder, command, "", environment);
  }
}
