package io.fundamentallm.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong on the command line is answered with one line and exit code 1. */
class RefusalsTest {
  @TempDir Path directory;

  @Test
  void a_file_that_does_not_exist() {
    Path missing = directory.resolve("missing.txt");
    assertThat(refusal("text", missing)).contains("-Dtext=" + missing, "does not exist");
  }

  @Test
  void a_folder_instead_of_a_file() {
    assertThat(refusal("text", directory)).contains("expected a text file", "is none");
  }

  @Test
  void an_empty_file() throws Exception {
    Path file = Files.writeString(directory.resolve("empty.txt"), "");
    assertThat(refusal("text", file)).contains("empty.txt", "the file is empty");
  }

  @Test
  void a_file_that_is_not_utf_8() throws Exception {
    Path file = Files.write(directory.resolve("latin1.txt"), new byte[] {'a', 'b', (byte) 0xe9});
    assertThat(refusal("text", file)).contains("latin1.txt", "expected UTF-8", "byte 2 (0xe9)");
  }

  @Test
  void a_text_whose_held_out_part_does_not_fill_a_window() throws Exception {
    Path file = Files.writeString(directory.resolve("short.txt"), "It is a truth. ".repeat(40));
    assertThat(refusal("text", file))
        .contains("short.txt is too short", "the last tenth", "expected 2570 tokens or more");
  }

  @Test
  void steps_that_are_no_positive_whole_number() {
    for (String steps : new String[] {"0", "-1", "many", "1.5", "99999999999999999999"}) {
      assertThat(refusal("steps", steps))
          .contains("-Dsteps=" + steps + ": expected a whole number from 1 to 2147483647");
    }
  }

  @Test
  void a_seed_that_is_no_whole_number() {
    assertThat(refusal("seed", "x")).contains("-Dseed=x: expected a whole number");
  }

  @Test
  void an_output_folder_that_is_a_file() throws Exception {
    Path text =
        Files.writeString(
            directory.resolve("text.txt"), Settings.read(name -> null).text().substring(0, 20_000));
    Files.writeString(directory.resolve("out"), "in the way");
    assertThat(run(Map.of("text", text.toString(), "steps", "1"))).contains("out");
  }

  private String refusal(String property, Object value) {
    return run(Map.of(property, value.toString()));
  }

  /** The one line on the error stream. */
  private String run(Map<String, String> properties) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Quickstart.run(
            properties::get,
            directory.resolve("out"),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    assertThat(exit).isEqualTo(1);
    String message = err.toString(StandardCharsets.UTF_8);
    assertThat(message).startsWith("quickstart: ").hasLineCount(1);
    return message;
  }
}
