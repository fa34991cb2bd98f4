package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.ToolChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A chat whose model calls programs. */
class ToolsTest {
  private static final String PARAMETERS =
      "{\"type\": \"object\", \"properties\": {\"city\": {\"enum\": [\"Munich\", \"Oslo\"]}},"
          + " \"required\": [\"city\"], \"additionalProperties\": false}";

  @TempDir Path folder;

  @BeforeEach
  void needsAShell() {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell to write programs for");
  }

  /** A program of this shell script, in the folder of the tools. */
  private void program(String name, String script) throws Exception {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run chat(String tools, String lines) throws Exception {
    Files.writeString(folder.resolve("tools.json"), tools);
    return Shell.in(folder)
        .pipe(
            lines,
            "chat",
            ToolChat.directory().toString(),
            "--tools=" + folder.resolve("tools.json"),
            "--sampler=greedy",
            "--stop=\n",
            "--max-tokens=100");
  }

  private static String weather(String more) {
    return "[{\"name\": \"getWeather\", \"description\": \"now\", \"parameters\": "
        + PARAMETERS
        + more
        + "}]";
  }

  @Test
  void a_program_gets_the_arguments_and_its_output_is_answered() throws Exception {
    program("weather.sh", "cat > asked.json; echo \"$@\" > arguments.txt; echo sunny");
    Run run =
        chat(
            weather(", \"command\": [\"./weather.sh\", \"--brief; touch broken\"]"),
            "What is the weather in Munich?\n");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("[getWeather {\"city\": \"Munich\"}]", "-> sunny", "The sun is out");
    assertThat(folder.resolve("asked.json")).hasContent("{\"city\": \"Munich\"}");
    assertThat(folder.resolve("arguments.txt")).hasContent("--brief; touch broken");
    assertThat(folder.resolve("broken")).as("no shell reads the command").doesNotExist();
  }

  @Test
  void what_goes_wrong_is_the_result_and_the_chat_goes_on() throws Exception {
    program("weather.sh", "echo the station is off >&2; exit 3");
    Run run =
        chat(
            weather(", \"command\": [\"./weather.sh\"]"),
            "What is the weather in Munich?\nhello\n");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("-> error: exit status 3", "the station is off");
  }

  @Test
  void a_program_that_hangs_fills_its_pipes_or_cannot_start_is_no_danger() throws Exception {
    program("hangs.sh", "sleep 1000");
    assertThat(run("./hangs.sh", 1, "{}")).isEqualTo("error: no result within 1 s");
    program("floods.sh", "head -c 3000000 /dev/zero | tr '\\0' x; cat > /dev/null");
    String flood = run("./floods.sh", 60, "y".repeat(1_000_000));
    assertThat(flood).hasSizeBetween(65_000, 66_000).endsWith("(the rest is left out)");
    program("ignores.sh", "echo done");
    assertThat(run("./ignores.sh", 60, "y".repeat(1_000_000))).isEqualTo("done");
    assertThat(run("./missing.sh", 60, "{}")).startsWith("error: ").contains("cannot be started");
    program("leaves.sh", "sleep 1000 & echo $! > child; echo done");
    assertThat(run("./leaves.sh", 600, "{}")).isEqualTo("done");
    ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("child")).strip()))
        .ifPresent(ProcessHandle::destroy);
    AtomicBoolean first = new AtomicBoolean(true);
    assertThat(
            new ToolProgram(List.of(path("./hangs.sh")), folder, Duration.ofSeconds(60))
                .run("{}", () -> !first.getAndSet(false)))
        .isEqualTo("error: stopped by the user");
  }

  @Test
  void a_program_is_not_started_after_the_user_stopped() throws Exception {
    program("marks.sh", "touch started");
    assertThat(
            new ToolProgram(List.of(path("./marks.sh")), folder, Duration.ofSeconds(60))
                .run("{}", () -> true))
        .isEqualTo("error: stopped by the user");
    assertThat(folder.resolve("started")).doesNotExist();
  }

  @Test
  void a_program_cannot_steer_the_terminal() throws Exception {
    program("weather.sh", "printf 'sunny\\033]52;c;eA==\\007\\r\\nand\\twarm'");
    Run run =
        chat(weather(", \"command\": [\"./weather.sh\"]"), "What is the weather in Munich?\n");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("-> sunny\ufffd]52;c;eA==\ufffd\n   and\twarm");
    assertThat(run.out()).doesNotContain("\u001b", "\u0007");
    assertThat(ShellTerminal.harmless("a\u009b2J\u007f\rb\u0000ü\n"))
        .isEqualTo("a\ufffd2J\ufffd\ufffdb\ufffdü\n");
  }

  @Test
  void a_file_in_another_encoding_is_named() throws Exception {
    Path file = Files.write(folder.resolve("latin.json"), new byte[] {'[', '"', (byte) 0xe9});
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ToolPrograms.read(file))
        .withMessage(file + " is no text in UTF-8");
  }

  private String run(String program, int seconds, String arguments) throws Exception {
    return new ToolProgram(List.of(path(program)), folder, Duration.ofSeconds(seconds))
        .run(arguments, () -> false);
  }

  private String path(String program) {
    return folder.resolve(program).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}| line 1: expected an array of tools",
        "[{\"name\": \"a\"}]| the tool a has no command",
        "[{\"command\": [\"ls\"]}]| the tool has no name",
        "[{\"name\": \"a\", \"command\": \"ls -l\"}]| an array of strings, as command",
        "[{\"name\": \"a\", \"command\": [\"./gone\"]}]| gone is no program that can be run",
        "[{\"name\": \"a b\", \"command\": [\"ls\"]}]| the name of a tool must be",
        "[{\"name\": \"a\", \"shell\": \"ls\"}]| unknown key \"shell\"; a tool has name",
        "[{\"name\": \"a\", \"command\": [\"ls\"], \"timeout\": 0}]| whole seconds from 1 to 86400",
        "[{\"name\": \"a\", \"command\": [\"ls\"], \"timeout\": 9223372036854775807}]| whole seconds from 1",
        "[{\"name\": \"a\", \"command\": [\"ls\"], \"timeout\": 1e3}]| whole seconds from 1",
        "[{\"name\": \"a\", \"name\": \"b\"}]| Duplicate field 'name'",
        "[{\"name\": \"a\", \"command\": [\"ls\"]}, {\"name\": \"a\", \"command\": [\"ls\"]}]| two tools have the name a",
        "[{\"name\": \"a\", \"command\": [\"ls\"]}] 1| expected the end of the file",
        "[{\"name\": | tools.json, line"
      })
  void a_wrong_file_is_refused_with_its_place(String tools, String message) throws Exception {
    Run run = chat(tools, "hello\n");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("tools.json", message).hasLineCount(1);
  }

  @Test
  void tools_need_a_chat_template() throws Exception {
    program("weather.sh", "echo sunny");
    Files.writeString(folder.resolve("tools.json"), weather(", \"command\": [\"./weather.sh\"]"));
    Run run = SmallModel.shell().run("chat", "model", "--tools=" + folder.resolve("tools.json"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--tools needs a model with a chat template");
  }
}
