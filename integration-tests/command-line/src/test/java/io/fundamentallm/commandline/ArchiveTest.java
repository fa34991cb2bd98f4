package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archives of classes that the README recommends are written, are used, and change no text. */
class ArchiveTest {
  @TempDir Path folder;

  private String generate(Jdk jdk, String... flags) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.addAll(List.of("-jar", Shell.jar().toString(), "generate", "model"));
    arguments.addAll(List.of("--prompt", "It is", "--max-tokens", "5", "--seed", "1"));
    Run run = Run.of(SmallModel.folder(), jdk.command(arguments));
    return run.succeeded();
  }

  @Test
  void an_archive_of_classes() throws Exception {
    Path archive = folder.resolve("fundamentallm.jsa");
    String text = generate(Jdk.running());
    assertThat(generate(Jdk.running(), "-XX:ArchiveClassesAtExit=" + archive, "-Xlog:cds=error"))
        .as("no warnings of what it leaves out")
        .isEqualTo(text);
    assertThat(archive).isNotEmptyFile();
    String again =
        generate(
            Jdk.running(),
            "-XX:SharedArchiveFile=" + archive,
            "-Xlog:class+load:file=" + folder.resolve("loaded.txt"));
    assertThat(again).isEqualTo(text);
    assertThat(folder.resolve("loaded.txt"))
        .content()
        .contains("io.fundamentallm.TextGenerator source: shared objects file (top)");
  }

  @Test
  void a_cache_on_jdk_25() throws Exception {
    Optional<Jdk> jdk =
        Stream.concat(Stream.of(Jdk.running()), Jdk.other().stream())
            .filter(one -> one.feature() >= 25)
            .findFirst();
    assumeTrue(jdk.isPresent(), "there is no JDK 25");
    Path cache = folder.resolve("fundamentallm.aot");
    assertThat(generate(jdk.get(), "-XX:AOTCacheOutput=" + cache, "-Xlog:aot=error"))
        .doesNotContain("[warning]");
    assertThat(cache).isNotEmptyFile();
    String text = generate(jdk.get());
    String again =
        generate(
            jdk.get(),
            "-XX:AOTCache=" + cache,
            "-Xlog:class+load:file=" + folder.resolve("loaded.txt"));
    assertThat(again).isEqualTo(text);
    assertThat(folder.resolve("loaded.txt"))
        .content()
        .containsPattern("io.fundamentallm.TextGenerator source: shared objects file");
  }
}
