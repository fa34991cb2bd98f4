package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextLinesTest {
  @TempDir Path directory;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  @Test
  void lines_keep_their_newlines_and_files_follow_each_other() throws IOException {
    TextLines lines =
        TextLines.of(List.of(write("a", "one\r\n\ntwo"), write("b", ""), write("c", "drei é\n")));
    assertThat(lines).containsExactly("one\r\n", "\n", "two", "drei é\n");
    assertThat(lines).containsExactly("one\r\n", "\n", "two", "drei é\n");
  }

  @Test
  void long_texts_come_back_whole() throws IOException {
    String text = ("x".repeat(40_000) + "\n" + "日本".repeat(9_000) + "\n").repeat(3);
    TextLines lines = TextLines.of(List.of(write("long", text)));
    assertThat(lines).hasSize(6);
    assertThat(String.join("", lines)).isEqualTo(text);
  }

  @Test
  void a_line_that_is_too_long_comes_in_parts() throws IOException {
    String text = "y".repeat(TextLines.MAX_LENGTH + 5) + "\n";
    assertThat(TextLines.of(List.of(write("huge", text))))
        .extracting(String::length)
        .containsExactly(TextLines.MAX_LENGTH, 6);
  }

  @Test
  void bytes_that_are_no_utf8_are_an_error_that_names_the_file_and_the_place() throws IOException {
    Path file = directory.resolve("broken");
    Files.write(file, new byte[] {'a', '\n', (byte) 0xFF, 'b'});
    assertThatThrownBy(() -> TextLines.of(List.of(file)).forEach(line -> {}))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("broken");
  }

  @Test
  void a_missing_file_is_an_error_that_names_it() {
    assertThatThrownBy(() -> TextLines.of(List.of(directory.resolve("none"))).iterator().next())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none");
  }

  @Test
  void no_files_have_no_lines() {
    assertThatThrownBy(() -> TextLines.of(List.of()).iterator().next())
        .isInstanceOf(NoSuchElementException.class);
  }
}
